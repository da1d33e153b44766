// @ts-check
// Pictures that people bring: chosen, photographed, dropped or pasted. Python decodes them, and their ink appears on the pad.

import { RecognizerError } from "../python/client.js";
import { listen } from "../when.js";
import { isWide, SIDE } from "./ink.js";

/** @typedef {import("./pad.js").Pad} Pad @typedef {import("../python/client.js").Recognizer} Recognizer */
/** @typedef {{ coverage: Uint8Array, notes: string[] }} Found  ink for the pad, and sentences about what was left out */

/** As MOST_MEGABYTES in py/digits/picture_file.py: a larger file need not be copied to Python to be refused. */
const MOST_MEGABYTES = 100;

/** Where Python gets the file. */
const PATH = "uploads/picture";

/**
 * @param {"picture" | "read_picture" | "number_picture"} kind @param {Uint8Array} file @param {object} [values]
 * @returns {import("../python/client.js").Request}
 */
export const pictureRequest = (kind, file, values) => ({
  kind,
  values: { file: PATH, ...values },
  contents: { [PATH]: file },
  archives: ["pillow"],
});

export class Pictures {
  #pad;
  #recognizer;
  #say;
  /** Grows with every picture: the newest wins. */
  #count = 0;
  /** Finds a number in a file, while the pad is wide. @type {((file: Uint8Array) => Promise<Found>) | null} */
  findNumber = null;

  /**
   * @param {Pad} pad @param {Recognizer} recognizer
   * @param {(sentence: string) => void} say  what went wrong or was left out; "" when all went well
   */
  constructor(pad, recognizer, say) {
    this.#pad = pad;
    this.#recognizer = recognizer;
    this.#say = say;
    listen(recognizer, { unread: (reason) => this.#readWithoutFile(reason) });
  }

  /** Put the picture on the pad, or say why not. @param {Blob} file @param {string} name */
  async bring(file, name) {
    const turn = ++this.#count;
    try {
      const bytes = await contents(file);
      const find = this.#pad.width === SIDE ? null : this.findNumber;
      const { coverage, notes } = await (find?.(bytes) ?? this.#findDigit(bytes));
      if (turn !== this.#count) return;
      this.#pad.become({ picture: { coverage, name, file: bytes }, strokes: [] });
      this.#say(notes.join(" "));
    } catch (error) {
      if (!(error instanceof RecognizerError)) throw error;
      if (document.documentElement.dataset.state === "failed") return; // there is a message about that already
      this.#say(`“${name}” was not read: ${error.message.replace(/\.?$/, ".")}`);
    }
  }

  /** @param {Uint8Array} file @returns {Promise<Found>} */
  async #findDigit(file) {
    const { pad, notes } = await this.#recognizer.ask(pictureRequest("picture", file));
    return { coverage: Uint8Array.from(pad.data, (ink) => Math.round(255 * ink)), notes };
  }

  /** Find a digit or a number in the file of the picture, after the switch was pressed. */
  findAgain() {
    const { picture, strokes, drawing } = this.#pad.ink;
    if (picture?.file && !strokes.length && isWide(drawing) !== this.#pad.width > SIDE) {
      this.bring(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (picture.file)]), picture.name);
    }
  }

  /**
   * The file can no longer be read (Pillow cannot be loaded, for example): go on with the ink found in it.
   * @param {string} reason
   */
  #readWithoutFile(reason) {
    const { picture } = this.#pad.ink;
    if (!picture) return;
    this.#say(reason);
    if (!picture.file) return;
    picture.file = undefined;
    this.#pad.dispatchEvent(new Event("change"));
  }

  /** @param {HTMLInputElement} input of type file */
  chosenWith(input) {
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) this.bring(file, file.name);
      input.value = ""; // so that the same file can be chosen again
    });
  }

  /**
   * Files dropped anywhere in the window; without this, the browser would leave the page for them.
   * @param {HTMLElement} frame
   */
  droppedOn(frame) {
    for (const kind of /** @type {const} */ (["dragenter", "dragover", "dragleave", "drop"])) {
      addEventListener(kind, (event) => {
        if (isText(event)) return;
        event.preventDefault();
        frame.classList.toggle("awaiting", kind === "dragenter" || kind === "dragover");
      });
    }
    addEventListener("drop", (event) => {
      if (isText(event)) return;
      const [file, ...more] = event.dataTransfer?.files ?? [];
      if (!file) this.#say("You did not drop a picture file. Save the picture first, then drop the file here.");
      else if (more.length) this.#say("You dropped several files. Drop one picture at a time.");
      else this.bring(file, file.name);
    });
  }

  /** A picture on the clipboard. */
  pasted() {
    addEventListener("paste", ({ clipboardData, target }) => {
      if (takesText(target)) return;
      const file = clipboardData?.files[0];
      if (file) this.bring(file, "the pasted picture");
      else this.#say("There is no picture on the clipboard. Copy a picture first, or choose its file.");
    });
  }
}

/** Whether one writes there. @param {EventTarget | null} target */
const takesText = (target) => target instanceof Element && target.closest("textarea, input:not([type=file]), #editor") !== null;

/** Whether text is moved to where one writes. @param {DragEvent} event */
const isText = ({ dataTransfer, target }) => takesText(target) && !dataTransfer?.types.includes("Files");

/** @param {Blob} file @returns {Promise<Uint8Array>} @throws {RecognizerError} */
async function contents(file) {
  if (file.size > MOST_MEGABYTES * 2 ** 20) {
    throw new RecognizerError(`the file is larger than ${MOST_MEGABYTES} MB: take a smaller picture`);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new RecognizerError("the browser can no longer open it; choose it again");
  }
}
