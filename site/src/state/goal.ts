/** What a training is to reach, where a template sets a goal: so much of the test set read rightly, in so many seconds from pressing Train. */
import type { Json } from '@trainyard/types';
import type { Doc } from '../graph/types';

export type Goal = {
  /** Share of the test set, 0..1. */
  accuracy: number;
  seconds: number;
};

/** What the test said once the training had ended. */
export interface Verdict {
  accuracy: number;
  samples: number;
  /** From pressing Train until this was known. */
  seconds: number;
}

export const goalSetting = 'train.goal';

/** A goal from a setting's value; null where it is none. */
export function asGoal(value: Json | undefined): Goal | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { accuracy, seconds } = value;
  return typeof accuracy === 'number' && typeof seconds === 'number' ? { accuracy, seconds } : null;
}

/** The project's goal. */
export const goalOf = (doc: Doc): Goal | null => asGoal(doc.settings[goalSetting]?.value);
