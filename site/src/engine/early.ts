/**
 * The engine's worker begins before the page is drawn, and so does what reads its data: their start and the page's then share the cores
 * instead of following one another. Imported first, and importing little.
 */
import { createEngine } from '@trainyard/client';
import type { Engine, EngineError } from '@trainyard/types';
import { lastChoice } from '../state/dataChoice';
import { chosenThreads } from '../state/threads';
import { readAhead } from './mnist';

let dies: (error: EngineError) => void = () => undefined;

function create(threads: number | null): Promise<Engine> {
  const baseUrl = new URL('engine/', document.baseURI).href;
  return createEngine({ baseUrl, onCrash: (error) => dies(error), ...(threads === null ? {} : { threads }) });
}

/** A page that is not isolated may be about to begin again (pwa/register.ts). */
const isFinal = typeof window !== 'undefined' && window.crossOriginIsolated;
let early: Promise<Engine> | null = isFinal ? create(chosenThreads()) : null;
early?.catch(() => undefined); // told when it is asked for
if (isFinal) readAhead(lastChoice());

/** An engine: the first time that which began early. `threads`: as many as suit where null. */
export function newEngine(threads: number | null, onCrash: (error: EngineError) => void): Promise<Engine> {
  dies = onCrash;
  const engine = early ?? create(threads);
  early = null;
  return engine;
}
