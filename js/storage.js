// @ts-check
// Records that the browser keeps, by name: a drawing, a network, a training run. Typed arrays are stored as they are.
// Where the browser refuses (a private window, a full disk), nothing is stored and the page works without.

/** Pages under other paths of the same host share its storage: the name contains this page's own path. */
const DATABASE = `digits-from-scratch ${new URL("..", import.meta.url).pathname}`;
const TABLE = "kept";

/** A browser that takes longer than this (ms) will not answer. */
const TIMEOUT = 5000;

/** Dispatches `damaged` when a record was set aside, `full` when there is no space for it; the event's detail is its name. */
export const storage = new EventTarget();

/** @template T @param {Promise<T>} answer @returns {Promise<T>} rejects where the answer takes too long */
function inTime(answer) {
  return Promise.race([answer, new Promise((_, reject) => setTimeout(reject, TIMEOUT))]);
}

/** @param {string} name @returns {Promise<unknown>} */
function deleteDatabase(name) {
  return new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onsuccess = resolve;
    deleting.onerror = deleting.onblocked = reject;
  });
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close(); // another tab deletes everything
      resolve(opening.result);
    };
    opening.onerror = opening.onblocked = () => reject(opening.error);
  });
}

/** @returns {Promise<IDBDatabase>} an empty one in place of a database that this page did not make */
async function usableDatabase() {
  const database = await openDatabase().catch((error) => {
    if (error?.name !== "VersionError") throw error;
  });
  if (database?.objectStoreNames.contains(TABLE)) return database;
  database?.close();
  await deleteDatabase(DATABASE);
  return openDatabase();
}

/** @template T @param {IDBTransactionMode} mode @param {(table: IDBObjectStore) => IDBRequest<T>} ask @returns {Promise<T>} */
async function transact(mode, ask) {
  const database = await usableDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode);
      const request = ask(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * @param {string} name @param {(record: any) => boolean} [isUsable] a record that fails this check is set aside
 * @returns {Promise<any>} undefined where there is no usable record of that name
 */
export async function kept(name, isUsable = () => true) {
  try {
    const record = await inTime(transact("readonly", (table) => table.get(name)));
    if (record === undefined || isUsable(record)) return record;
    await setAside(name, record);
  } catch {
    return undefined;
  }
}

/** Move a record that cannot be used out of the way, and dispatch `damaged`. @param {string} name @param {any} record */
export async function setAside(name, record) {
  storage.dispatchEvent(new CustomEvent("damaged", { detail: name }));
  const move = transact("readwrite", (table) => {
    table.put(record, `damaged/${name}`);
    return table.delete(name);
  });
  await inTime(move).catch(() => {});
}

/** @param {string} name @param {any} record @returns {Promise<boolean>} whether it is stored now */
export async function keep(name, record) {
  try {
    await inTime(transact("readwrite", (table) => table.put(record, name)));
    return true;
  } catch (error) {
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    if (isFull) storage.dispatchEvent(new CustomEvent("full", { detail: name }));
    return false;
  }
}

/**
 * Delete all records, the offline copy of the page and its service worker.
 * @throws where the browser refuses, or another tab holds on to them
 */
export async function forgetEverything() {
  await inTime(deleteDatabase(DATABASE));
  if (!("caches" in globalThis)) return; // they exist only on https and on this machine
  const registration = await navigator.serviceWorker?.getRegistration(new URL("..", import.meta.url));
  await registration?.unregister();
  for (const name of await caches.keys()) if (name.startsWith(`${DATABASE} `)) await caches.delete(name);
}
