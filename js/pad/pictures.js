// @ts-check
// Pictures that somebody brings: chosen, photographed, dropped or pasted. Python decodes them, and their ink lies on the pad.

import { RecognizerError } from "../python/client.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("../python/client.js").Recognizer} Recognizer */
/** @typedef {import("../python/client.js").Request} Request */

/** As MOST_MEGABYTES in py/digits/picture_file.py: what is larger need not travel to Python to be refused. */
const MOST_MEGABYTES = 100;

/** What Python needs to know a picture by its file. @param {Uint8Array} file @returns {Partial<Request>} */
const bringing = (file) => ({
  values: { file: "uploads/picture" },
  contents: { "uploads/picture": file },
  packages: ["pillow"],
});

/** The request that reads what is on the pad: a picture that nothing was drawn over is read from its file. @param {Pad} pad @returns {Request} */
export function requestFor(pad) {
  const { picture, strokes } = pad.ink;
  if (picture?.file && !strokes.length) return { kind: "read_picture", ...bringing(picture.file) };
  return { kind: "read", pixels: pad.pixels() };
}

export class Pictures {
  #pad;
  #recognizer;
  #say;
  /** Grows with every picture brought: the newest wins. */
  #brought = 0;

  /**
   * @param {Pad} pad @param {Recognizer} recognizer
   * @param {(sentence: string) => void} say  what went wrong or was left out; "" when all went well
   */
  constructor(pad, recognizer, say) {
    this.#pad = pad;
    this.#recognizer = recognizer;
    this.#say = say;
    recognizer.addEventListener("unread", (event) => {
      this.#readWithoutFile();
      say(/** @type {CustomEvent<string>} */ (event).detail);
    });
  }

  /** Put the picture on the pad, or say why not. @param {Blob} file @param {string} name */
  async bring(file, name) {
    const turn = ++this.#brought;
    try {
      const bytes = await contents(file);
      const { pad, notes } = await this.#recognizer.ask({ kind: "picture", ...bringing(bytes) });
      if (turn !== this.#brought) return;
      const coverage = Uint8Array.from(pad.data, (ink) => Math.round(255 * ink));
      this.#pad.become({ picture: { coverage, name, file: bytes }, strokes: [] });
      this.#say(notes.join(" "));
    } catch (error) {
      if (!(error instanceof RecognizerError)) throw error;
      if (document.documentElement.dataset.state === "failed") return; // that is said, and needs another remedy
      this.#say(`“${name}” was not read: ${error.message.replace(/\.?$/, ".")}`);
    }
  }

  /** The file can be read no more (Pillow is not to be had, say): go on with its ink. */
  #readWithoutFile() {
    const { picture } = this.#pad.ink;
    if (!picture?.file) return;
    picture.file = undefined;
    this.#pad.dispatchEvent(new Event("change"));
  }

  /** A control that chooses files. @param {HTMLInputElement} input */
  chosenWith(input) {
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) this.bring(file, file.name);
      input.value = ""; // the same file may be chosen again
    });
  }

  /** Files dropped anywhere in the window; without this, the browser would leave the page for them. @param {HTMLElement} paper */
  droppedOn(paper) {
    for (const kind of /** @type {const} */ (["dragenter", "dragover", "dragleave", "drop"])) {
      addEventListener(kind, (event) => {
        event.preventDefault();
        paper.classList.toggle("awaiting", kind === "dragenter" || kind === "dragover");
      });
    }
    addEventListener("drop", ({ dataTransfer }) => {
      const [file, ...more] = dataTransfer?.files ?? [];
      if (!file) this.#say("What was dropped is no picture file: save the picture first, then drop its file here.");
      else if (more.length) this.#say("One picture at a time: please drop a single file.");
      else this.bring(file, file.name);
    });
  }

  /** A picture on the clipboard. */
  pasted() {
    addEventListener("paste", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.type !== "file") return;
      const file = event.clipboardData?.files[0];
      if (file) this.bring(file, "the pasted picture");
      else this.#say("There is no picture in what was pasted: copy a picture first, or choose its file.");
    });
  }
}

/** @param {Blob} file @returns {Promise<Uint8Array>} @throws {RecognizerError} */
async function contents(file) {
  if (file.size > MOST_MEGABYTES * 2 ** 20) {
    throw new RecognizerError(`the file is larger than ${MOST_MEGABYTES} MB: take a smaller picture`);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new RecognizerError("the browser cannot open it any more: choose it again");
  }
}
