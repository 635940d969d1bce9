import { Sheet } from '../ui/Sheet';
import { setUi, useUi } from '../state/ui';
import { notKept, useSaving } from '../storage/autosave';
import { keepingWords, thisSafari, useInstall } from '../pwa/install';
import { useOffline } from '../pwa/register';
import { useStatus, type StatusItem } from './status';

const savedWords = { saved: 'Saved here', saving: 'Saving …', failed: 'Not saved' } as const;

function keptWords(failed: boolean): string {
  return failed ? notKept : 'The project is kept in this browser after every change.';
}

/** In the line the figure itself is the link; a new tab, so that a running training goes on. */
function StatusText({ item }: { item: StatusItem }) {
  return item.link ? (
    <a href={item.link.href} target="_blank" rel="noopener" title={`${item.more} ${item.link.text}`}>
      {item.text}
    </a>
  ) : (
    item.text
  );
}

/** On a desk: everything in one line. */
export function StatusLine() {
  const items = useStatus();
  const saving = useSaving((state) => state.state);
  const offline = useOffline((state) => state.ready);
  return (
    <footer className="status" aria-label="Status">
      {items.map((item) => (
        <span key={item.id} className={`status-item status-${item.id}`} title={item.link ? undefined : item.more}>
          <StatusText item={item} />
        </span>
      ))}
      <span className="status-gap" />
      {offline ? <span title="Everything this page needs is stored on this device.">Works offline</span> : null}
      <span className={saving === 'failed' ? 'status-bad' : ''} title={keptWords(saving === 'failed')}>
        {savedWords[saving]}
      </span>
    </footer>
  );
}

/** On a phone: the two figures that matter, and the rest in a sheet. */
export function StatusChip() {
  const items = useStatus();
  const brief = items.filter((item) => item.id === 'parameters' || item.id === 'time');
  return (
    <button
      type="button"
      className="status-chip"
      onClick={() => setUi({ sheet: 'status', sheetSize: 'half' })}
      aria-label={`Status: ${brief.map((item) => item.text).join(', ')}`}
    >
      {brief.map((item) => item.text).join(' · ')}
    </button>
  );
}

export function StatusSheet() {
  const items = useStatus();
  const open = useUi((state) => state.sheet === 'status');
  const saving = useSaving((state) => state.state);
  const offline = useOffline((state) => state.ready);
  const installed = useInstall((state) => state.installed);
  if (!open) return null;
  const keeping = keepingWords(thisSafari(), installed);
  return (
    <Sheet title="Status" onClose={() => setUi({ sheet: null })}>
      <dl className="status-list">
        {items.map((item) => (
          <div key={item.id}>
            <dt>{item.label}</dt>
            <dd>
              {item.text}
              <p className="muted small">
                {item.more}{' '}
                {item.link ? (
                  <a href={item.link.href} target="_blank" rel="noopener">
                    {item.link.text}
                  </a>
                ) : null}
              </p>
            </dd>
          </div>
        ))}
        <div>
          <dt>Project</dt>
          <dd>
            {savedWords[saving]}
            <p className="muted small">
              {keptWords(saving === 'failed')} {keeping && saving !== 'failed' ? `${keeping} ` : ''}
              {offline ? 'Everything this page needs is stored here: it works offline.' : ''}
            </p>
          </dd>
        </div>
      </dl>
    </Sheet>
  );
}
