/** A pad to draw on with finger, mouse or pen. */
import { useEffect, useRef, type PointerEvent } from 'react';
import { setStrokes } from '../../engine/testing';
import { useTest } from '../../state/testing';
import { useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { addPoint, drawStrokes, type InkPoint } from './ink';

const side = 560;
const margin = 0.02;

function pointOf(event: { clientX: number; clientY: number }, element: HTMLElement): InkPoint {
  const box = element.getBoundingClientRect();
  const clamp = (value: number) => Math.min(1 - margin, Math.max(margin, value));
  return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
}

export function Pad() {
  const ref = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<number | null>(null);
  const strokes = useTest((state) => state.strokes);
  const theme = useUi((state) => state.theme);
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (context)
      drawStrokes(context, strokes, side, getComputedStyle(document.documentElement).getPropertyValue('--ink'));
  }, [strokes, theme]);

  const down = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.button !== 0 || drawing.current !== null) return;
    event.preventDefault();
    drawing.current = event.pointerId;
    event.currentTarget.setPointerCapture(event.pointerId);
    setStrokes([...useTest.getState().strokes, [pointOf(event, event.currentTarget)]]);
  };
  const moved = (event: PointerEvent<HTMLCanvasElement>) => {
    if (drawing.current !== event.pointerId) return;
    const native = event.nativeEvent;
    const coalesced = typeof native.getCoalescedEvents === 'function' ? native.getCoalescedEvents() : [];
    const points = (coalesced.length > 0 ? coalesced : [native]).map((item) => pointOf(item, event.currentTarget));
    setStrokes(points.reduce(addPoint, useTest.getState().strokes));
  };
  const up = (event: PointerEvent<HTMLCanvasElement>) => {
    if (drawing.current === event.pointerId) drawing.current = null;
  };
  return (
    <div className="pad-box">
      <canvas
        ref={ref}
        className="pad"
        width={side}
        height={side}
        role="img"
        aria-label="Drawing pad"
        onPointerDown={down}
        onPointerMove={moved}
        onPointerUp={up}
        onPointerCancel={up}
      />
      {strokes.length === 0 ? <p className="pad-hint">Draw a digit here</p> : null}
      <div className="row">
        <button
          type="button"
          className="button"
          disabled={strokes.length === 0}
          onClick={() => setStrokes(strokes.slice(0, -1))}
        >
          <Icon name="undo" /> Undo stroke
        </button>
        <button type="button" className="button" disabled={strokes.length === 0} onClick={() => setStrokes([])}>
          <Icon name="trash" /> Clear
        </button>
      </div>
    </div>
  );
}
