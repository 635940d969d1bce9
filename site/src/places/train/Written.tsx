/** What callbacks have written and said. */
import { download } from '../../engine/files';
import { formatBytes } from '../../graph/summary';
import { useTraining } from '../../state/training';
import { Icon } from '../../ui/Icon';

const fileName = (path: string): string => path.split('/').at(-1) ?? path;

export function Written() {
  const files = useTraining((state) => state.files);
  const messages = useTraining((state) => state.messages);
  if (files.length === 0 && messages.length === 0) return null;
  return (
    <section className="card stack" aria-label="Callbacks">
      <h2>From the callbacks</h2>
      {messages.length > 0 ? (
        <ul className="messages small" aria-label="What they say">
          {messages.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      ) : null}
      {files.length > 0 ? (
        <ul className="row" aria-label="Files">
          {files.map(({ path, bytes }) => (
            <li key={path}>
              <button
                type="button"
                className="button"
                onClick={() =>
                  download(
                    fileName(path),
                    bytes as BlobPart,
                    /\.csv$/i.test(path) ? 'text/csv' : 'application/octet-stream',
                  )
                }
              >
                <Icon name="download" /> {fileName(path)}{' '}
                <span className="muted small">{formatBytes(bytes.byteLength)}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
