// The page around a client: what was said, what is stored, and what came over the wire.

import { Client } from "./client.js";
import { hear } from "./microphone.js";
import { Player } from "./player.js";

const TRIES = [
  "Hello",
  "My cat is called Mimi",
  "What is my cat called?",
  "Tell me a story",
  "How can I reach you?",
  "I want to hurt myself",
];
const at = (id) => document.getElementById(id);
const get = async (path) => (await fetch(path)).json();

const [companion, protocol] = await Promise.all([get("companion.json"), get("protocol.json")]);
const client = new Client(protocol);
const player = new Player();
const answers = new Map();
let user = "";

function line(kind, text) {
  const element = document.createElement("p");
  element.className = kind;
  element.textContent = text;
  at("log").append(element);
  at("log").scrollTop = at("log").scrollHeight;
  return element;
}

function answer(turnId) {
  if (!answers.has(turnId)) {
    const element = line("answer open", "");
    element.dataset.turn = turnId;
    const words = document.createElement("span");
    const sound = document.createElement("span");
    sound.className = "sound";
    element.append(words, sound);
    answers.set(turnId, { element, words, sound, frames: 0, bytes: 0 });
  }
  at("log").scrollTop = at("log").scrollHeight;
  return answers.get(turnId);
}

const shown = {
  disclosure: ({ turn_id, data }) => answer(turn_id).element.before(line("disclosure", data)),
  text(frame) {
    answer(frame.turn_id).words.append(frame.data);
  },
  audio({ turn_id, data }) {
    const of = answer(turn_id);
    const size = player.play(data);
    of.frames += 1;
    of.bytes += size;
    of.sound.textContent = `♪ ${of.frames} audio frame${of.frames > 1 ? "s" : ""}, ${Math.ceil(of.bytes / 1024)} KB`;
  },
  blocked({ turn_id, data }) {
    const of = answer(turn_id);
    of.element.className = "blocked";
    of.element.dataset.turn = turn_id;
    of.words.textContent = data;
  },
  end({ turn_id, data }) {
    answers.get(turn_id)?.element.classList.remove("open");
    if (data) line("note", data);
    refresh();
  },
  busy({ turn_id, retry_after_ms }) {
    drop(turn_id);
    line("busy", `Busy: ${turn_id ? "sent again" : "try again"} in ${Math.ceil(retry_after_ms / 1000)} s or a little more`);
  },
  error({ turn_id, data }) {
    drop(turn_id);
    line("error", data);
  },
  listen: ({ data }) => void microphone(data),
  erasure({ data }) {
    line("note", data === "erased" ? "Everything that was known of you is erased." : "Erasure requested.");
    if (data === "erased") refresh();
  },
  pong() {},
};

// A turn whose worker died begins again, in its place.
function restart(turnId) {
  const of = answers.get(turnId);
  if (!of) return;
  of.element.className = "answer open";
  of.words.textContent = of.sound.textContent = "";
  of.frames = of.bytes = 0;
}

function drop(turnId) {
  answers.get(turnId)?.element.remove();
  answers.delete(turnId);
}

client.addEventListener("open", () => connected(true, `connected as ${user}`));
client.addEventListener("close", ({ detail }) => connected(false, `not connected (${detail.code})`));
client.addEventListener("gateway", ({ detail }) => line("busy", `API Gateway says: ${detail.message}`));
client.addEventListener("frame", ({ detail: frame }) => {
  if (frame.turn_id && frame.seq === 0) restart(frame.turn_id);
  note(frame);
  (shown[frame.type] ?? ((other) => line("error", `a frame ${other.type} that the protocol does not have`)))(frame);
});

function note({ type, turn_id, seq, data, retry_after_ms }) {
  const item = document.createElement("li");
  const said = typeof data === "string" ? data.slice(0, 40) : JSON.stringify(data).slice(0, 40);
  item.textContent = `${type} ${turn_id?.slice(0, 8) ?? "-"} #${seq} ${retry_after_ms ?? ""} ${said}`;
  at("frames").append(item);
}

function connected(is, status) {
  at("status").textContent = status;
  at("connect").disabled = at("user").disabled = is;
  for (const id of ["disconnect", "text", "send", "erase", "speak"]) at(id).disabled = !is;
  for (const button of at("tries").querySelectorAll("button")) button.disabled = !is;
  if (is) at("text").focus();
}

async function refresh() {
  const stored = await get(`stored?user=${encodeURIComponent(user)}`);
  const counts = { memories: stored.memory.length, vectors: stored.vectors, "state items": stored.state, connections: stored.connections };
  at("counts").replaceChildren(
    ...Object.entries(counts).flatMap(([name, count]) => [
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: count }),
    ]),
  );
  at("memories").replaceChildren(
    ...stored.memory.map(({ role, text, expires_at }) => {
      const day = new Date(expires_at * 1000).toISOString().slice(0, 10);
      return Object.assign(document.createElement("li"), { textContent: `${role}: ${text} (until ${day})` });
    }),
  );
}

function send(text) {
  line("mine", text);
  const turnId = client.send(text, { conversation: at("conversation").value, voice: at("voice").value });
  answer(turnId);
}

async function microphone({ url, sample_rate }) {
  at("speak").textContent = "Listening …";
  try {
    for await (const { text, final } of hear(url, sample_rate)) {
      at("text").value = text;
      if (final) {
        send(text);
        at("text").value = "";
        break;
      }
    }
  } catch (error) {
    line("error", `The microphone cannot be used: ${error.message}`);
  }
  at("speak").textContent = "Speak";
}

at("connection").addEventListener("submit", async (event) => {
  event.preventDefault();
  user = at("user").value;
  const { ticket } = await get(`ticket?user=${encodeURIComponent(user)}`);
  client.connect(`ws://${location.host}/${companion.stage}`, ticket);
  refresh();
});
at("disconnect").addEventListener("click", () => client.disconnect());
at("message").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value;
  if (new TextEncoder().encode(text).length > client.maxBytes) return line("error", `At most ${client.maxBytes} bytes at once.`);
  send(text);
  at("text").value = "";
});
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    at("message").requestSubmit();
  }
});
at("erase").addEventListener("click", () => client.erase());
at("speak").addEventListener("click", () => client.listen(at("voice").value || Object.keys(voices)[0]));

at("name").textContent = companion.name;
const voices = companion.voices ? JSON.parse(companion.voices) : {};
at("voice-row").hidden = at("speak").hidden = !Object.keys(voices).length;
for (const [language, { voice_id }] of Object.entries(voices)) at("voice").append(new Option(`${language}, ${voice_id}`, language));
at("tries").replaceChildren(
  ...TRIES.map((text) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, disabled: true });
    button.addEventListener("click", () => send(text));
    item.append(button);
    return item;
  }),
);
