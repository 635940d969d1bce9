import { useEffect, useRef } from 'react';
import { hasMnist } from '../../engine/build';
import { loadDigits, loadIris, loadMnist, loadSentences } from '../../engine/data';
import { loadUserFiles } from '../../engine/ownData';
import { isBusy, useTraining } from '../../state/training';
import { useData } from '../../state/data';
import type { DataChoice } from '../../state/dataChoice';
import { Icon } from '../../ui/Icon';
import { Problem } from '../../ui/States';
import { DataFigures } from './DataFigures';

interface Offer {
  choice: DataChoice;
  title: string;
  about: string;
  load: () => Promise<boolean>;
}

const offers: readonly Offer[] = [
  {
    choice: 'mnist',
    title: 'MNIST',
    about: hasMnist ? '70,000 handwritten digits, 28 × 28' : '70,000 handwritten digits; not stored beside this page',
    load: loadMnist,
  },
  {
    choice: 'digits',
    title: 'Drawn digits',
    about: 'Handwriting-like digits that the engine draws itself',
    load: loadDigits,
  },
  { choice: 'iris', title: 'Iris', about: "Fisher's 150 flowers: four measures, three kinds", load: loadIris },
  {
    choice: 'sentences',
    title: 'Opinions',
    about: '2,400 short opinions about a meal, good or bad, which the page makes up itself',
    load: loadSentences,
  },
];

interface PickerProps {
  icon: 'open' | 'image';
  title: string;
  about: string;
  /** What the hidden field is called. */
  label: string;
  chosen: boolean;
  disabled: boolean;
  /** A folder with all that lies in it, instead of files. */
  folder?: boolean;
}

/** A choice that asks for files of the user's own. */
function Picker({ icon, title, about, label, chosen, disabled, folder = false }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.webkitdirectory = folder;
  }, [folder]);
  return (
    <>
      <button
        type="button"
        className="choice"
        aria-pressed={chosen}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <strong>
          <Icon name={icon} /> {title}
        </strong>
        <span className="muted">{about}</span>
      </button>
      <input
        ref={input}
        type="file"
        className="hidden-label"
        aria-label={label}
        tabIndex={-1}
        {...(folder ? {} : { multiple: true, accept: '.csv,.tsv,.txt,.gz,.idx,.idx3-ubyte,.idx1-ubyte,*/*' })}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) void loadUserFiles(files);
        }}
      />
    </>
  );
}

function FileOffer({ disabled }: { disabled: boolean }) {
  const chosen = useData((state) => state.choice === 'csv' || state.choice === 'idx');
  return (
    <Picker
      icon="open"
      title="Your own file"
      about="A table (CSV with a header), or IDX files such as the four of MNIST. It stays on this device."
      label="Choose data files"
      chosen={chosen}
      disabled={disabled}
    />
  );
}

/** Not every phone lets a page ask for a folder. */
const asksForFolders = typeof HTMLInputElement !== 'undefined' && 'webkitdirectory' in HTMLInputElement.prototype;

function FolderOffer({ disabled }: { disabled: boolean }) {
  const chosen = useData((state) => state.choice === 'pictures');
  return (
    <Picker
      icon="image"
      title="Your own pictures"
      about="A folder with a folder for each class (PNG, JPEG). They become 28 × 28 and grey, and stay on this device."
      label="Choose a folder of pictures"
      chosen={chosen}
      disabled={disabled}
      folder
    />
  );
}

export default function DataPlace() {
  const choice = useData((state) => state.choice);
  const note = useData((state) => state.note);
  const training = useTraining((state) => isBusy(state.phase));
  return (
    <div className="page two-columns">
      <section className="column-side stack" aria-labelledby="data-title">
        <h1 id="data-title">Data</h1>
        <p className="muted">What the network learns from.</p>
        <div className="choices" role="group" aria-label="Data set">
          {offers.map((offer) => (
            <button
              key={offer.choice}
              type="button"
              className="choice"
              aria-pressed={choice === offer.choice}
              disabled={training}
              onClick={() => void offer.load()}
            >
              <strong>{offer.title}</strong>
              <span className="muted">{offer.about}</span>
            </button>
          ))}
          <FileOffer disabled={training} />
          {asksForFolders ? <FolderOffer disabled={training} /> : null}
        </div>
        {training ? <p className="muted">Data can be changed when the training has stopped.</p> : null}
        {note ? <Problem tone="warning">{note}</Problem> : null}
      </section>
      <DataFigures />
    </div>
  );
}
