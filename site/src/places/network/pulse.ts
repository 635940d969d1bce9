import { useEffect } from 'react';
import { useStoreApi } from '@xyflow/react';
import { useMedia } from '../../ui/useMedia';

const beatMs = 125;
const wayMs = 1400;
const wayPixels = 48;

/** Where the dashes of the edges are after so long: forward for 1.4 s, then back, slower at the ends. Pixels. */
export const pulseOffset = (ms: number): number => (wayPixels / 2) * (1 + Math.cos((Math.PI * ms) / wayMs));

/**
 * While a training runs, a soft pulse goes along the edges (`--pulse`). By a timer, eight times a second: an animation of
 * style would have the page drawn sixty times a second by the cores that train.
 */
export function usePulse(running: boolean): void {
  const store = useStoreApi();
  const still = useMedia('(prefers-reduced-motion: reduce)');
  useEffect(() => {
    const edges = store.getState().domNode?.querySelector<HTMLElement>('.react-flow__edges');
    if (!running || still || !edges) return;
    const begun = performance.now();
    const beat = () => edges.style.setProperty('--pulse', `${pulseOffset(performance.now() - begun).toFixed(1)}px`);
    const timer = setInterval(beat, beatMs);
    beat();
    return () => {
      clearInterval(timer);
      edges.style.removeProperty('--pulse');
    };
  }, [store, running, still]);
}
