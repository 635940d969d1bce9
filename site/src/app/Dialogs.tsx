import { ActionButton, useAction } from '../actions/ActionButton';
import { allActions, keyParts } from '../actions/keys';
import { networkActions } from '../actions/network';
import { pageActions } from '../actions/page';
import type { Action } from '../actions/types';
import { useInstall } from '../pwa/install';
import { takeTemplate } from '../engine/templates';
import { templates } from '../engine/templateTable';
import { setUi, useUi } from '../state/ui';
import { Dialog } from '../ui/Dialog';

const close = () => setUi({ dialog: null });
const groups: readonly Action['group'][] = ['Training', 'Network', 'Walking', 'Page'];

function KeyRow({ action }: { action: Action }) {
  const { label } = useAction(action);
  return (
    <li>
      <span>{label}</span>
      <span className="row">
        {action.keys.map((keys) => (
          <span key={keys} className="key-combination">
            {keyParts(keys).map((part) => (
              <kbd key={part} className="kbd">
                {part}
              </kbd>
            ))}
          </span>
        ))}
      </span>
    </li>
  );
}

function KeysDialog() {
  return (
    <Dialog title="Keys" onClose={close}>
      <div className="key-groups">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <ul className="key-list">
              {allActions
                .filter((action) => action.group === group && action.keys.length > 0)
                .map((action) => (
                  <KeyRow key={action.id} action={action} />
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function TemplatesDialog() {
  return (
    <Dialog title="Templates" onClose={close} wide>
      <p className="muted">
        A template takes the place of what is drawn, with the data and the training settings it needs. Undo brings all
        of it back.
      </p>
      <ul className="template-list">
        {templates.map((template) => (
          <li key={template.name}>
            <button
              type="button"
              className="choice"
              onClick={() => {
                close();
                void takeTemplate(template);
              }}
            >
              <strong>{template.title}</strong>
              <span className="muted">{template.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

const moreActions: readonly Action[] = [
  networkActions.templates,
  networkActions.overview,
  networkActions.clear,
  networkActions.arrange,
  networkActions.selectAll,
  pageActions.status,
  pageActions.theme,
  pageActions.keys,
  pageActions.tour,
  pageActions.install,
];
const stays = new Set(['theme', 'templates', 'keys']);

/** Most browsers have no way to install a page, and those that have it, only once. */
const isOffered = (action: Action): boolean => action !== pageActions.install || action.enabled();

function MoreDialog() {
  useInstall();
  return (
    <Dialog title="More" onClose={close}>
      <div className="more-list">
        {moreActions.filter(isOffered).map((action) => (
          <ActionButton
            key={action.id}
            action={action}
            look="quiet"
            onDone={stays.has(action.id) ? undefined : close}
          />
        ))}
      </div>
    </Dialog>
  );
}

export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  if (dialog === 'keys') return <KeysDialog />;
  if (dialog === 'templates') return <TemplatesDialog />;
  if (dialog === 'more') return <MoreDialog />;
  return null;
}
