// Turns sound into 16-bit PCM, a tenth of a second at a time.

registerProcessor(
  "recorder",
  class extends AudioWorkletProcessor {
    #kept = [];

    process([[channel]]) {
      if (channel) this.#kept.push(...channel);
      const size = Math.floor(sampleRate / 10);
      if (this.#kept.length >= size) {
        const samples = Int16Array.from(this.#kept.splice(0, size), (value) => Math.max(-1, Math.min(1, value)) * 32767);
        this.port.postMessage(samples, [samples.buffer]);
      }
      return true;
    }
  },
);
