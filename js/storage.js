// @ts-check
// What the browser keeps for the person, by name: a drawing, a network, a run. Typed arrays are kept as they are.
// Where it refuses (a private window, a full disk), nothing is kept, and the page works on.

/** Other pages of the same host, copies of this one among them, have their own: names hold the page's folder. */
const DATABASE = `digits-from-scratch ${new URL("..", import.meta.url).pathname}`;
const TABLE = "kept";

/** A browser that has not answered after so long (ms) will not: the page goes on without. */
const PATIENCE = 5000;

/** @template T @param {Promise<T>} answer @returns {Promise<T>} the answer, @throws where it does not come in time */
function inTime(answer) {
  return Promise.race([answer, new Promise((_, reject) => setTimeout(reject, PATIENCE))]);
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close(); // another tab forgets everything
      resolve(opening.result);
    };
    opening.onerror = opening.onblocked = () => reject(opening.error);
  });
}

/** @template T @param {IDBTransactionMode} mode @param {(table: IDBObjectStore) => IDBRequest<T>} ask @returns {Promise<T>} */
async function transact(mode, ask) {
  const open = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = open.transaction(TABLE, mode);
      const request = ask(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    open.close();
  }
}

/** @param {string} name @returns {Promise<any>} undefined where nothing of that name is kept */
export async function kept(name) {
  try {
    return await inTime(transact("readonly", (table) => table.get(name)));
  } catch {
    return undefined;
  }
}

/** @param {string} name @param {any} value @returns {Promise<boolean>} whether it is kept now */
export async function keep(name, value) {
  try {
    await inTime(transact("readwrite", (table) => table.put(value, name)));
    return true;
  } catch {
    return false;
  }
}

/**
 * Forget everything: what was kept by name, the copy of the page for times without a network, and who serves it.
 * @throws where the browser refuses, or another tab holds on to it
 */
export async function forgetEverything() {
  await inTime(
    new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase(DATABASE);
      deleting.onsuccess = resolve;
      deleting.onerror = deleting.onblocked = reject;
    }),
  );
  if (!("caches" in globalThis)) return; // they are there only where the address is https or this machine
  const registration = await navigator.serviceWorker.getRegistration(new URL("..", import.meta.url));
  await registration?.unregister();
  for (const name of await caches.keys()) if (name.startsWith(`${DATABASE} `)) await caches.delete(name);
}
