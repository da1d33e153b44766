// @ts-check
// A Python prompt beside the edited code: Enter runs, Shift+Enter begins another line, the arrow keys walk through the history.

/** Characters of output that are kept. */
const MOST = 20_000;

/**
 * @param {HTMLTextAreaElement} input @param {HTMLElement} output
 * @param {(text: string) => Promise<string>} run  what the code prints, or what went wrong
 */
export function consoleView(input, output, run) {
  /** @type {string[]} */
  const history = [];
  let place = 0;

  const add = (/** @type {string} */ text) => {
    output.textContent = `${output.textContent}${text}\n`.slice(-MOST);
    output.scrollTop = output.scrollHeight;
  };

  const fit = () => (input.rows = input.value.split("\n").length);
  input.addEventListener("input", fit);
  input.addEventListener("keydown", async (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && !input.value.includes("\n") && history[place + step] !== undefined) {
      place += step;
      input.value = history[place];
      event.preventDefault();
      fit();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const text = input.value.trimEnd();
    if (!text) return;
    place = history.push(text);
    input.value = "";
    fit();
    add(`>>> ${text.replaceAll("\n", "\n... ")}`);
    add((await run(text)).trimEnd());
  });
}
