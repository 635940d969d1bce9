/** A short tour that is offered once, can be left at any step, and comes back only when asked for. */
import { useEffect, useState } from 'react';
import { useProject } from '../state/project';
import { useTraining } from '../state/training';
import { setUi, useUi, type Place } from '../state/ui';
import { Icon } from '../ui/Icon';

const key = 'trainyard.tour';

const steps: readonly { place: Place; title: string; text: string }[] = [
  {
    place: 'build',
    title: 'Build',
    text: 'Your network, data at the top, answer at the bottom. Select a layer to change it; add others from the list of layers.',
  },
  {
    place: 'data',
    title: 'Data',
    text: 'What it learns from: handwriting, flowers, or a file of yours. It stays on this device.',
  },
  {
    place: 'train',
    title: 'Train',
    text: 'One button. The curves show how wrong the network still is; stop and go on whenever you like.',
  },
  { place: 'test', title: 'Test', text: 'Draw a digit and watch the network read it while you draw.' },
  { place: 'export', title: 'Export', text: 'Keep the trained model as a file, or take the network to Keras.' },
];

function offered(): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return true;
  }
}

function remember(): void {
  try {
    localStorage.setItem(key, 'seen');
  } catch {
    // Then it is offered once more; no harm.
  }
}

function Offer({ onEnd }: { onEnd: () => void }) {
  return (
    <section className="tour offer" aria-label="Welcome">
      <p>
        <strong>New here?</strong> Press Train, and this network learns to read digits.
      </p>
      <button
        type="button"
        className="button"
        onClick={() => {
          onEnd();
          setUi({ tourStep: 0 });
        }}
      >
        Tour
      </button>
      <button type="button" className="button quiet icon-only" aria-label="No, thanks" onClick={onEnd}>
        <Icon name="close" />
      </button>
    </section>
  );
}

export function Tour() {
  const step = useUi((state) => state.tourStep);
  const place = useUi((state) => state.place);
  const covered = useUi((state) => state.sheet !== null);
  const [asking, setAsking] = useState(() => !offered());
  const begun = useProject((state) => state.past.length > 0);
  const learned = useTraining((state) => state.phase !== 'idle');
  // Whoever has found something to do needs no welcome any more.
  useEffect(() => {
    if (!asking || !(begun || learned)) return;
    remember();
    setAsking(false);
  }, [asking, begun, learned]);
  const current = step === null ? undefined : steps[step];
  const target = current?.place;
  useEffect(() => {
    if (target) setUi({ place: target, sheet: null });
  }, [target]);
  if (asking && step === null && place === 'build' && !covered) {
    return (
      <Offer
        onEnd={() => {
          remember();
          setAsking(false);
        }}
      />
    );
  }
  if (!current || step === null) return null;
  const last = step === steps.length - 1;
  const next = () => setUi(last ? { tourStep: null, place: 'build' } : { tourStep: step + 1 });
  return (
    <section className="tour" aria-label="Tour" aria-live="polite">
      <div className="spread">
        <h2>
          {current.title}{' '}
          <span className="muted small">
            {step + 1} of {steps.length}
          </span>
        </h2>
        <button
          type="button"
          className="button quiet icon-only"
          aria-label="Leave the tour"
          onClick={() => setUi({ tourStep: null })}
        >
          <Icon name="close" />
        </button>
      </div>
      <p>{current.text}</p>
      <div className="row">
        <button type="button" className="button primary" onClick={next}>
          {last ? 'Done' : 'Next'}
        </button>
      </div>
    </section>
  );
}
