/** Which layers a search shows, by name, family or description. The families stand as people look for them, the best found first. */
import type { ClassSchema } from '@trainyard/types';
import { placeOfFamily } from '../../graph/families';

export interface FamilyGroup {
  family: string;
  items: ClassSchema[];
}

/** 0: begins with; 1: contains; 2: of that family; 3: every word stands in the description; null: not at all. */
function rank(item: ClassSchema, words: readonly string[]): number | null {
  const name = words.join('');
  const names = [item.class_name, ...item.aliases].map((known) => known.toLowerCase());
  if (names.some((known) => known.startsWith(name))) return 0;
  if (names.some((known) => known.includes(name))) return 1;
  if (item.family.toLowerCase().startsWith(words.join(' '))) return 2;
  const text = `${item.class_name} ${item.family} ${item.doc}`.toLowerCase();
  return words.every((word) => text.includes(word)) ? 3 : null;
}

/** Cells only work inside other layers. */
const isCell = (item: ClassSchema): number => (/Cells?$/.test(item.class_name) ? 1 : 0);

export function searchLayers(layers: readonly ClassSchema[], text: string): FamilyGroup[] {
  const words = text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = layers
    .map((item, index) => ({ item, index, rank: words.length === 0 ? 0 : rank(item, words) }))
    .filter((entry): entry is { item: ClassSchema; index: number; rank: number } => entry.rank !== null)
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        placeOfFamily(a.item.family) - placeOfFamily(b.item.family) ||
        isCell(a.item) - isCell(b.item) ||
        a.index - b.index,
    );
  const groups = new Map<string, ClassSchema[]>();
  for (const { item } of found) groups.set(item.family, [...(groups.get(item.family) ?? []), item]);
  return [...groups].map(([family, items]) => ({ family, items }));
}

/** The first of what a search shows: what Enter adds. */
export function bestMatch(groups: readonly FamilyGroup[]): ClassSchema | null {
  return groups[0]?.items[0] ?? null;
}

/** By title or words of the description. */
export function searchTemplates<T extends { title: string; about: string }>(all: readonly T[], text: string): T[] {
  const query = text.trim().toLowerCase();
  return all.filter(({ title, about }) => `${title} ${about}`.toLowerCase().includes(query));
}
