/** Counts what the page asks of the network, so that “0 bytes sent” is a measurement: requests for the page's own files carry no data. */
import { create } from 'zustand';

export const useRequests = create<{ own: number; foreign: number }>(() => ({ own: 0, foreign: 0 }));

export function countRequests(names: readonly string[], origin: string): { own: number; foreign: number } {
  const network = names.filter((name) => /^https?:/.test(name));
  const own = network.filter((name) => new URL(name).origin === origin).length;
  return { own, foreign: network.length - own };
}

export function watchRequests(): void {
  if (typeof PerformanceObserver === 'undefined') return;
  const observer = new PerformanceObserver((list) => {
    const counted = countRequests(
      list.getEntries().map((entry) => entry.name),
      window.location.origin,
    );
    const { own, foreign } = useRequests.getState();
    useRequests.setState({ own: own + counted.own, foreign: foreign + counted.foreign });
  });
  observer.observe({ type: 'resource', buffered: true });
}
