// The microphone, streamed to Transcribe at a signed address (AWS docs: Transcribe, "Setting up a WebSocket stream").

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

// Gives { text, final } as it is heard, until the caller has heard enough.
export async function* hear(url, sampleRate) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext({ sampleRate });
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const heard = [];
  let wake = () => {};
  socket.onmessage = ({ data }) => {
    heard.push(...results(data));
    wake();
  };
  socket.onclose = socket.onerror = () => {
    heard.push(null);
    wake();
  };
  try {
    await context.audioWorklet.addModule("recorder.js");
    const recorder = new AudioWorkletNode(context, "recorder");
    recorder.port.onmessage = ({ data }) => socket.readyState === WebSocket.OPEN && socket.send(audioEvent(data));
    context.createMediaStreamSource(stream).connect(recorder);
    while (true) {
      if (!heard.length) await new Promise((resolve) => (wake = resolve));
      const next = heard.shift();
      if (next === null) throw new Error("Transcribe closed the stream");
      yield next;
    }
  } finally {
    if (socket.readyState === WebSocket.OPEN) socket.send(audioEvent(new Int16Array(0)));
    socket.close();
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
  }
}

function results(buffer) {
  const view = new DataView(buffer);
  const headers = view.getUint32(4);
  const payload = new Uint8Array(buffer, 12 + headers, view.getUint32(0) - headers - 16);
  const { Transcript } = JSON.parse(new TextDecoder().decode(payload));
  return (Transcript?.Results ?? []).map(({ Alternatives, IsPartial }) => ({ text: Alternatives[0].Transcript, final: !IsPartial }));
}

function audioEvent(samples) {
  const headers = joined(
    [[":message-type", "event"], [":event-type", "AudioEvent"], [":content-type", "application/octet-stream"]].map(header),
  );
  const size = 16 + headers.length + samples.byteLength;
  const message = new Uint8Array(size);
  const view = new DataView(message.buffer);
  view.setUint32(0, size);
  view.setUint32(4, headers.length);
  view.setUint32(8, crc(message.subarray(0, 8)));
  message.set(headers, 12);
  message.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), 12 + headers.length);
  view.setUint32(size - 4, crc(message.subarray(0, size - 4)));
  return message;
}

function header([name, value]) {
  const [key, text] = [name, value].map((part) => new TextEncoder().encode(part));
  return joined([[key.length], key, [7, text.length >> 8, text.length & 255], text]);
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((offset, part) => (all.set(part, offset), offset + part.length), 0);
  return all;
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
