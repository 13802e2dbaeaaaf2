// Plays pieces of sound in the order in which they come.

export class Player {
  #waiting = [];
  #playing = false;

  // Takes MP3 in base64, and says how many bytes it was.
  play(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    this.#waiting.push(URL.createObjectURL(new Blob([bytes], { type: "audio/mpeg" })));
    if (!this.#playing) this.#next();
    return bytes.length;
  }

  #next() {
    const url = this.#waiting.shift();
    this.#playing = url !== undefined;
    if (!this.#playing) return;
    const audio = new Audio(url);
    const on = () => {
      URL.revokeObjectURL(url);
      this.#next();
    };
    audio.onended = audio.onerror = on;
    // A browser that lets no page play before it was touched still shows that sound came.
    audio.play().catch(on);
  }
}
