/** Looking into JSON that may be anything. */
import type { Json, JsonObject } from '@trainyard/types';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
