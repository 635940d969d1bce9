/** Which layers a search shows, by name or family; the families in their first order. */
import type { ClassSchema } from '@trainyard/types';

export interface FamilyGroup {
  family: string;
  items: ClassSchema[];
}

/** 0: begins with; 1: contains; 2: family or words of the description; null: not at all. */
function rank(item: ClassSchema, query: string): number | null {
  const names = [item.class_name, ...item.aliases].map((name) => name.toLowerCase());
  if (names.some((name) => name.startsWith(query))) return 0;
  if (names.some((name) => name.includes(query))) return 1;
  return item.family.toLowerCase().includes(query) || item.doc.toLowerCase().includes(query) ? 2 : null;
}

export function searchLayers(layers: readonly ClassSchema[], text: string): FamilyGroup[] {
  const query = text.trim().toLowerCase().replace(/\s+/g, '');
  const found = layers
    .map((item, index) => ({ item, index, rank: query === '' ? 0 : rank(item, query) }))
    .filter((entry): entry is { item: ClassSchema; index: number; rank: number } => entry.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
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
