/**
 * The schema, kept between visits: to build it takes the engine a fifth of a second of its start, and it is the same as long as the
 * engine is.
 */
import type { Engine, Schema } from '@trainyard/types';
import { engineId } from './build';

const key = 'trainyard.schema';

function kept(id: string): Schema | null {
  try {
    const { engine, schema } = JSON.parse(localStorage.getItem(key) ?? '{}') as { engine?: string; schema?: Schema };
    return engine === id && schema?.groups ? schema : null;
  } catch {
    return null; // no store, or nothing of ours in it
  }
}

function keep(id: string, schema: Schema): void {
  try {
    localStorage.setItem(key, JSON.stringify({ engine: id, schema }));
  } catch {
    // Then the engine is asked again on the next visit.
  }
}

export async function schemaOf(engine: Engine): Promise<Schema> {
  const known = engineId === null ? null : kept(engineId);
  if (known) return known;
  const schema = await engine.schema();
  if (engineId !== null) keep(engineId, schema);
  return schema;
}
