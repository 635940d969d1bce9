/** A key-value store in IndexedDB. Every call may fail (private windows, full disks); callers say so and go on. */
import type { SlotStore } from './slots';

const databaseName = 'trainyard';
const table = 'slots';

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(table);
    };
    request.onsuccess = () => resolve(request.result);
    request.onblocked = () => reject(new Error('IndexedDB is held by another tab.'));
    request.onerror = () => reject(request.error ?? new Error('IndexedDB could not be opened.'));
  });
}

let database: Promise<IDBDatabase> | null = null;

function connection(): Promise<IDBDatabase> {
  database ??= openDatabase().catch((error: unknown) => {
    database = null;
    throw error;
  });
  return database;
}

type Work<T> = (store: IDBObjectStore) => IDBRequest<T>;

function runOn<T>(db: IDBDatabase, mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const transaction = db.transaction(table, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(table));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up a transaction.'));
    transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB refused a write.'));
  });
}

/** Safari drops the connection of a page that was in the background for a while, and says it so. */
const isLost = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'UnknownError');

async function run<T>(mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  try {
    return await runOn(await connection(), mode, work);
  } catch (error) {
    if (!isLost(error)) throw error;
    database = null;
    return runOn(await connection(), mode, work);
  }
}

export const indexedDbStore: SlotStore = {
  read: (key) => run<unknown>('readonly', (store) => store.get(key) as IDBRequest<unknown>),
  write: (key, value) => run('readwrite', (store) => store.put(value, key)).then(() => undefined),
};
