import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { download, modelName } from '../../engine/files';
import { bestEpoch, curveCsv, type Curve } from '../../state/curve';
import { isBusy, useTraining } from '../../state/training';
import { useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { Empty, Loading } from '../../ui/States';
import { useMedia } from '../../ui/useMedia';
import { chartColumns, valueNear, type ChartKind } from './chartData';
import { chartPng, plotOptions, texts } from './plot';

/** One plot a theme; data goes in as it comes. */
function usePlot(kind: ChartKind, curve: Curve, onCursor: (index: number | null) => void) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(curve);
  latest.current = curve;
  const theme = useUi((state) => state.theme);
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const best = () => {
      const { epochs } = latest.current;
      const found = epochs.length > 1 ? bestEpoch(epochs) : null;
      return found ? found.epoch + 1 : null;
    };
    const made = new uPlot(
      plotOptions(kind, element.clientWidth, element.clientHeight, { best }, onCursor),
      chartColumns(latest.current, kind),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [kind, theme, systemDark, onCursor]);
  useEffect(() => {
    plot.current?.setData(chartColumns(curve, kind));
  }, [curve, kind]);
  return { holder, plot };
}

function Readout({ kind, curve, index }: { kind: ChartKind; curve: Curve; index: number | null }) {
  const [xs, train, validation] = chartColumns(curve, kind);
  const at = index ?? xs.length - 1;
  const x = xs[at];
  if (x === undefined) return null;
  const show = (value: number | null) => (value === null ? '–' : texts[kind].format(value));
  return (
    <p className="chart-readout small">
      <span className="muted">epoch {x.toFixed(2)}</span>
      <span className="of-train">train {show(valueNear(train, at))}</span>
      {validation.some((value) => value !== null) ? (
        <span className="of-validation">validation {show(valueNear(validation, at))}</span>
      ) : null}
    </p>
  );
}

function Chart({ kind, curve }: { kind: ChartKind; curve: Curve }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const figure = useRef<HTMLElement>(null);
  const { holder, plot } = usePlot(kind, curve, setCursor);
  const { title } = texts[kind];
  const savePng = async () => {
    const blob = plot.current ? await chartPng(plot.current, title) : null;
    if (blob) download(`${modelName()}-${kind}.png`, blob, 'image/png');
  };
  const toggleFull = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : figure.current?.requestFullscreen());
  return (
    <figure ref={figure} className="card chart" aria-label={`${title} by epoch`}>
      <figcaption className="spread">
        <h2>{title}</h2>
        <span className="row chart-tools">
          <button
            type="button"
            className="button quiet icon-only"
            aria-label={`Save ${title} as PNG`}
            title="Save as PNG"
            onClick={() => void savePng()}
          >
            <Icon name="image" />
          </button>
          <button
            type="button"
            className="button quiet icon-only"
            aria-label={`Save ${title} as CSV`}
            title="Save as CSV"
            onClick={() => download(`${modelName()}-history.csv`, curveCsv(curve), 'text/csv')}
          >
            <Icon name="download" />
          </button>
          {document.fullscreenEnabled ? (
            <button
              type="button"
              className="button quiet icon-only"
              aria-label={`Show ${title} full screen`}
              title="Full screen"
              onClick={toggleFull}
            >
              <Icon name="expand" />
            </button>
          ) : null}
        </span>
      </figcaption>
      <Readout kind={kind} curve={curve} index={cursor} />
      <div className="chart-plot" ref={holder} />
    </figure>
  );
}

export function Charts() {
  const curve = useTraining((state) => state.curve);
  const busy = useTraining((state) => isBusy(state.phase));
  const empty = curve.points.length === 0 && curve.epochs.length === 0;
  if (empty) {
    return (
      <section className="card" aria-label="Curves">
        {busy ? (
          <Loading label="Waiting for the first steps …" />
        ) : (
          <Empty icon="train">
            The curves of loss and accuracy will be drawn here while the network learns. Press Train.
          </Empty>
        )}
      </section>
    );
  }
  const numbers = curve.points.length > 0 && curve.points.every((point) => point.accuracy === null);
  return (
    <div className="charts">
      <Chart kind="loss" curve={curve} />
      {numbers ? null : <Chart kind="accuracy" curve={curve} />}
    </div>
  );
}
