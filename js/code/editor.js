// @ts-check
// The editor, Ace (fetched when the room opens): one document for each file, so that each keeps its own undo history.

import { translated } from "../language/language.js";
import { applyStyles } from "../page.js";

const FOLDER = new URL("../../vendor/editor/", import.meta.url);

// Ace empties elements by innerHTML = "": where the browser has Trusted Types, that needs a policy, which admits nothing else.
/** @type {any} */ (globalThis).trustedTypes?.createPolicy("default", {
  createHTML: (/** @type {string} */ html) => html && null,
});

/** @typedef {{ line: number, column?: number | null, text: string }} Mark  line: from 1 */

/** Ace, which puts itself into `globalThis.ace`. @returns {Promise<any>} */
export async function loadAce() {
  await Promise.all([applyStyles(new URL("ace.css", FOLDER).href), import(new URL("ace.js", FOLDER).href)]);
  const { ace } = /** @type {any} */ (globalThis);
  ace.config.set("useStrictCSP", true); // styles come from ace.css
  ace.config.set("loadWorkerFromBlob", false);
  await Promise.all([import(new URL("mode-python.js", FOLDER).href), import(new URL("ext-searchbox.js", FOLDER).href)]);
  return ace;
}

export class Editor {
  #ace;
  #editor;
  /** @type {Map<string, any>} */
  #documents = new Map();
  #changed;

  /**
   * @param {any} ace @param {HTMLElement} place @param {(file: string, text: string) => void} changed @param {() => void} run
   */
  constructor(ace, place, changed, run) {
    this.#ace = ace;
    this.#changed = changed;
    this.#editor = ace.edit(place, {
      enableKeyboardAccessibility: true, // Tab reaches the editor, Enter goes in, Escape comes out
      useWorker: false,
      showPrintMargin: false,
      showFoldWidgets: false,
      fontFamily: "var(--mono)",
      fontSize: "var(--tiny)",
      textInputAriaLabel: translated("Python source code"),
    });
    this.#editor.commands.addCommand({
      name: "run",
      bindKey: { win: "Ctrl-Enter", mac: "Command-Enter|Ctrl-Enter" },
      exec: run,
    });
  }

  /** Show a file. @param {string} file @param {string} text its text, if it is shown for the first time */
  show(file, text) {
    let document = this.#documents.get(file);
    if (!document) {
      document = this.#ace.createEditSession(text, "ace/mode/python");
      document.on("change", () => this.#changed(file, document.getValue()));
      this.#documents.set(file, document);
    }
    this.#editor.setSession(document);
  }

  /** Replace the text of a file; undo brings the old one back. @param {string} file @param {string} text */
  replace(file, text) {
    const document = this.#documents.get(file);
    if (document && document.getValue() !== text) document.doc.setValue(text);
  }

  /** @param {number} line from 1 @param {number} [column] from 1 @param {boolean} [focus] */
  goTo(line, column = 1, focus = true) {
    this.#editor.gotoLine(line, column - 1, false);
    this.#editor.scrollToLine(line - 1, true, false);
    if (focus) this.#editor.focus();
  }

  /** Mark lines of a file as wrong; an empty list removes the marks of all files. @param {string} file @param {Mark[]} marks */
  mark(file, marks) {
    for (const document of this.#documents.values()) document.clearAnnotations();
    const annotations = marks.map(({ line, column, text }) => ({
      row: line - 1,
      column: (column ?? 1) - 1,
      text,
      type: "error",
    }));
    this.#documents.get(file)?.setAnnotations(annotations);
  }
}
