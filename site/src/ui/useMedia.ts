import { useSyncExternalStore } from 'react';

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Where palette and inspector stand beside the canvas instead of sliding over it. */
export const useDesk = (): boolean => useMedia('(min-width: 1024px)');
export const usePhone = (): boolean => useMedia('(max-width: 639px)');
