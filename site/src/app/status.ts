/** The figures of the status line, as words. */
import { useData } from '../state/data';
import { useEngine } from '../engine/session';
import { epochSeconds, guess } from '../state/estimate';
import { useTraining } from '../state/training';
import { useRequests } from '../state/requests';
import { useProject } from '../state/project';
import { trainSettings } from '../state/fitOptions';
import { formatBytes, formatCount, formatSeconds } from '../graph/summary';

export interface StatusItem {
  id: string;
  label: string;
  text: string;
  /** The longer story, as a tooltip and in the sheet. */
  more: string;
  /** Where it leads. */
  link?: { href: string; text: string };
}

function useEpochTime(): StatusItem {
  const totals = useEngine((state) => state.diagnosis?.totals);
  const ok = useEngine((state) => state.diagnosis?.ok ?? false);
  const threads = useEngine((state) => state.info?.threads ?? 1);
  const data = useData((state) => state.info);
  const calibration = useTraining((state) => state.calibration) ?? guess(threads);
  const split = useProject((state) => trainSettings(state.doc, data, null).validationSplit);
  const seconds = totals && data && ok ? epochSeconds(totals.macs, data.train_count * (1 - split), calibration) : NaN;
  const text = Number.isFinite(seconds)
    ? `${calibration.measured ? '' : 'about '}${formatSeconds(seconds)} an epoch`
    : 'no estimate';
  const more = calibration.measured
    ? 'From the speed of the last training on this device.'
    : "A guess from the network's size; the first training measures it.";
  return { id: 'time', label: 'Time', text, more };
}

export function useStatus(): StatusItem[] {
  const totals = useEngine((state) => state.diagnosis?.totals);
  const info = useEngine((state) => state.info);
  const phase = useEngine((state) => state.phase);
  const wasm = useEngine((state) => state.memoryBytes);
  const time = useEpochTime();
  const requests = useRequests();
  const bytes = totals?.training_bytes ?? 0;
  const engine = info
    ? `${info.simd === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}, ${info.threads === 1 ? '1 thread' : `${info.threads} threads`}`
    : phase === 'starting'
      ? 'starting …'
      : 'not running';
  return [
    {
      id: 'parameters',
      label: 'Parameters',
      text: `${formatCount(totals?.params ?? 0)} parameters`,
      more: `${(totals?.trainable_params ?? 0).toLocaleString('en')} of ${(totals?.params ?? 0).toLocaleString('en')} are trained.`,
    },
    {
      id: 'memory',
      label: 'Memory',
      text: bytes > 0 ? `${formatBytes(bytes)} to train` : 'memory –',
      more: `What a training step needs. The engine holds ${formatBytes(wasm)} altogether.`,
    },
    time,
    {
      id: 'engine',
      label: 'Engine',
      text: engine,
      more: info ? `Build “${info.build}”, version ${info.version}: ${info.reason}.` : 'The engine is not running.',
      link: { href: 'bench.html', text: 'How fast is this device?' },
    },
    {
      id: 'sent',
      label: 'Sent',
      text: requests.foreign === 0 ? '0 bytes sent' : `${requests.foreign} requests to other hosts`,
      more: `Your data, drawings and models stay on this device. Of ${requests.own + requests.foreign} requests, ${requests.foreign} went to other hosts; the others fetched this page's own files.`,
    },
  ];
}
