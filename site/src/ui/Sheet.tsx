/** A panel that slides up over the page and stands at half or full height; dragging its head or the buttons there move it. */
import { useEffect, useId, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { Icon } from './Icon';
import { setUi, useUi, type SheetSize } from '../state/ui';

const closeBelow = 0.22;
const fullAbove = 0.72;
const heights: Record<SheetSize, number> = { half: 0.5, full: 0.92 };

function useReturnFocus(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
}

export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const size = useUi((state) => state.sheetSize);
  const [drag, setDrag] = useState<number | null>(null);
  const start = useRef<{ y: number; fraction: number } | null>(null);
  const headingId = useId();
  useReturnFocus();

  const begin = (event: PointerEvent<HTMLDivElement>) => {
    if (event.target instanceof Element && event.target.closest('button')) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { y: event.clientY, fraction: heights[size] };
  };
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (!start.current) return;
    setDrag(Math.min(0.95, start.current.fraction + (start.current.y - event.clientY) / window.innerHeight));
  };
  const settle = () => {
    if (drag !== null) {
      if (drag < closeBelow) onClose();
      else setUi({ sheetSize: drag > fullAbove ? 'full' : 'half' });
    }
    start.current = null;
    setDrag(null);
  };
  const fraction = drag ?? heights[size];
  return (
    <section
      className={drag === null ? 'sheet' : 'sheet dragged'}
      role="dialog"
      aria-labelledby={headingId}
      style={{ height: `${fraction * 100}dvh` }}
    >
      <div
        className="sheet-head"
        onPointerDown={begin}
        onPointerMove={follow}
        onPointerUp={settle}
        onPointerCancel={settle}
      >
        <span className="sheet-grip" aria-hidden="true" />
        <h2 id={headingId}>{title}</h2>
        <button
          type="button"
          className="button quiet icon-only"
          aria-label={size === 'half' ? 'Show full height' : 'Show half height'}
          onClick={() => setUi({ sheetSize: size === 'half' ? 'full' : 'half' })}
        >
          <Icon name="expand" />
        </button>
        <button type="button" className="button quiet icon-only" aria-label={`Close ${title}`} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="sheet-body">{children}</div>
    </section>
  );
}
