/**
 * Pinching on a Mac's trackpad. Safari tells of it by events of its own, where other browsers turn the wheel with Ctrl held; unheard, it zooms
 * the whole page instead of the network. Fingers on a screen are no matter of this: touches tell of them.
 */
import { useEffect } from 'react';
import { useReactFlow, useStoreApi, type Viewport } from '@xyflow/react';

export const leastZoom = 0.15;
export const mostZoom = 2;

interface GestureEvent extends UIEvent {
  /** Since the gesture began. */
  readonly scale: number;
  readonly clientX: number;
  readonly clientY: number;
}

const isGesture = (event: Event): event is GestureEvent => 'scale' in event && 'clientX' in event;

/** The point of the canvas under the pointer stays there. */
export function zoomedAbout(view: Viewport, point: { x: number; y: number }, zoom: number): Viewport {
  const next = Math.min(mostZoom, Math.max(leastZoom, zoom));
  const grown = next / view.zoom;
  return { x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown, zoom: next };
}

export function usePinch(): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const canvas = store.getState().domNode;
    if (!canvas || navigator.maxTouchPoints > 0) return;
    let begun = 1;
    const start = (event: Event) => {
      event.preventDefault();
      begun = flow.getZoom();
    };
    const change = (event: Event) => {
      event.preventDefault();
      if (!isGesture(event)) return;
      const box = canvas.getBoundingClientRect();
      const point = { x: event.clientX - box.left, y: event.clientY - box.top };
      void flow.setViewport(zoomedAbout(flow.getViewport(), point, begun * event.scale));
    };
    canvas.addEventListener('gesturestart', start);
    canvas.addEventListener('gesturechange', change);
    return () => {
      canvas.removeEventListener('gesturestart', start);
      canvas.removeEventListener('gesturechange', change);
    };
  }, [flow, store]);
}
