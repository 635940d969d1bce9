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

function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return connection().then(
    (db) =>
      new Promise<T>((resolve, reject) => {
        const transaction = db.transaction(table, mode, { durability: 'strict' });
        const request = work(transaction.objectStore(table));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up a transaction.'));
        transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB refused a write.'));
      }),
  );
}

export const indexedDbStore: SlotStore = {
  read: (key) => run<unknown>('readonly', (store) => store.get(key) as IDBRequest<unknown>),
  write: (key, value) => run('readwrite', (store) => store.put(value, key)).then(() => undefined),
};
