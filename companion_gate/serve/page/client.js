// A client of the protocol (docs/protocol.md), without any page around it.

const PING_MS = 5 * 60 * 1000;
// A turn that nothing is heard of for so long is asked for again: its id makes sure that it is answered once.
const SILENT_MS = 45 * 1000;

export class Client extends EventTarget {
  #socket = null;
  #ping = 0;
  #turns = new Map();

  constructor(protocol) {
    super();
    this.subprotocol = protocol.title;
    const forms = protocol.$defs;
    this.kinds = new Map(
      forms.server.oneOf.map(({ $ref }) => forms[$ref.split("/").at(-1)]).map((form) => [form.properties.type.const, form]),
    );
    this.maxBytes = forms.send.properties.text["x-maxBytes"];
  }

  connect(url, ticket) {
    const socket = new WebSocket(url, [this.subprotocol, ticket]);
    this.#socket = socket;
    socket.onopen = () => {
      this.#ping = setInterval(() => this.#say({ action: "ping" }), PING_MS);
      this.#tell("open", {});
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => {
      clearInterval(this.#ping);
      for (const turn of this.#turns.values()) clearTimeout(turn.timer);
      this.#turns.clear();
      this.#tell("close", { code });
    };
  }

  disconnect() {
    this.#socket?.close();
  }

  send(text, { conversation, voice, turnId = crypto.randomUUID() }) {
    const frame = { action: "send", turn_id: turnId, text, conversation_id: conversation };
    if (voice) frame.voice = voice;
    this.#ask(turnId, frame);
    return turnId;
  }

  erase() {
    this.#say({ action: "erase" });
  }

  listen(language) {
    this.#say({ action: "listen", language });
  }

  #ask(turnId, frame) {
    const turn = this.#turns.get(turnId) ?? { frame, timer: 0 };
    this.#turns.set(turnId, turn);
    this.#expect(turnId, turn);
    this.#say(frame);
  }

  #expect(turnId, turn) {
    clearTimeout(turn.timer);
    turn.timer = setTimeout(() => this.#ask(turnId, turn.frame), SILENT_MS);
  }

  #hear(frame) {
    // API Gateway's own words belong to no turn: nobody can tell which frame they answer.
    if (!("type" in frame)) return this.#tell("gateway", frame);
    const turn = this.#turns.get(frame.turn_id);
    if (turn) this.#expect(frame.turn_id, turn);
    if (turn && this.kinds.get(frame.type)?.["x-last"]) {
      clearTimeout(turn.timer);
      // Not all at once: those who were refused together would come back together.
      const wait = frame.retry_after_ms * (1 + Math.random() / 2);
      if (frame.type === "busy") turn.timer = setTimeout(() => this.#ask(frame.turn_id, turn.frame), wait);
      else this.#turns.delete(frame.turn_id);
    }
    this.#tell("frame", frame);
  }

  #say(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
