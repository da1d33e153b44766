// Runs compile_bytecode.py in Pyodide: node compile_in_node.mjs RUNTIME_FOLDER SOURCES.zip BYTECODE.zip
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, sources, bytecode] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: runtime, env: { PYTHONHASHSEED: "0" } });
pyodide.FS.writeFile("/sources.zip", readFileSync(sources));
pyodide.FS.writeFile("/compile_bytecode.py", readFileSync(new URL("compile_bytecode.py", import.meta.url)));
pyodide.runPython(`
import sys
sys.path.append("/")
from compile_bytecode import compile_archive
compile_archive("/sources.zip", "/bytecode.zip")
`);
writeFileSync(bytecode, pyodide.FS.readFile("/bytecode.zip"));
