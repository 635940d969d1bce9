/**
 * Two slots, written in turn, each with a generation and a checksum: a write that was cut short leaves the other slot whole. The slot
 * with the highest generation that checks out is the one that is read.
 */
export interface SlotRecord {
  generation: number;
  checksum: string;
  payload: string;
}

/** Where slots live; IndexedDB in the page, a map in tests. */
export interface SlotStore {
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

/** FNV-1a over UTF-16 units, 64 bits as two halves: against torn and rotten records, not against people. */
export function checksum(text: string): string {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ (unit + i), 0x01000193);
  }
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
  return `${hex(a)}${hex(b)}-${text.length}`;
}

function isSlot(value: unknown): value is SlotRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<SlotRecord>;
  return (
    Number.isSafeInteger(record.generation) && typeof record.payload === 'string' && typeof record.checksum === 'string'
  );
}

const slotKeys = (name: string) => [`${name}.a`, `${name}.b`] as const;

async function readSlots(store: SlotStore, name: string): Promise<{ key: string; slot: SlotRecord | null }[]> {
  return Promise.all(
    slotKeys(name).map(async (key) => {
      const value = await store.read(key).catch(() => null);
      const whole = isSlot(value) && value.checksum === checksum(`${value.generation}:${value.payload}`);
      return { key, slot: whole ? value : null };
    }),
  );
}

/** The newest whole payload that `accept` takes, or null. */
export async function readNewest<T>(
  store: SlotStore,
  name: string,
  accept: (payload: string) => T | null,
): Promise<T | null> {
  const slots = (await readSlots(store, name)).flatMap(({ slot }) => (slot ? [slot] : []));
  for (const slot of slots.sort((a, b) => b.generation - a.generation)) {
    const value = accept(slot.payload);
    if (value !== null) return value;
  }
  return null;
}

/** Writes over the older (or broken) slot. */
export async function writeNext(store: SlotStore, name: string, payload: string): Promise<number> {
  const slots = await readSlots(store, name);
  const generation = Math.max(0, ...slots.map(({ slot }) => slot?.generation ?? 0)) + 1;
  const [oldest] = [...slots].sort((a, b) => (a.slot?.generation ?? 0) - (b.slot?.generation ?? 0));
  const record: SlotRecord = { generation, payload, checksum: checksum(`${generation}:${payload}`) };
  await store.write(oldest?.key ?? slotKeys(name)[0], record);
  return generation;
}
