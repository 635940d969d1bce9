import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { ActionButton } from '../actions/ActionButton';
import { watchKeys } from '../actions/keys';
import { pageActions } from '../actions/page';
import { BuildPlace } from '../places/network/BuildPlace';
import { useUi, type Place } from '../state/ui';
import { Boundary } from '../ui/Boundary';
import { Loading } from '../ui/States';
import { useDesk } from '../ui/useMedia';
import { Banner } from './Banner';
import { Dialogs } from './Dialogs';
import { laterPlaces } from './laterPlaces';
import { Notices } from './Notices';
import { Rail } from './Rail';
import { StatusChip, StatusLine, StatusSheet } from './StatusLine';
import { Tour } from './Tour';
import { useFileDrop } from './useFileDrop';

const placeViews = {
  build: BuildPlace,
  data: lazy(laterPlaces.data),
  train: lazy(laterPlaces.train),
  test: lazy(laterPlaces.test),
  export: lazy(laterPlaces.export),
} satisfies Record<Place, ComponentType>;

const titles: Record<Place, string> = { build: 'Build', data: 'Data', train: 'Train', test: 'Test', export: 'Export' };

export function App() {
  const place = useUi((state) => state.place);
  const desk = useDesk();
  const dropping = useFileDrop();
  useEffect(() => watchKeys(), []);
  useEffect(() => {
    document.title = `${titles[place]} – Trainyard`;
  }, [place]);
  const View = placeViews[place];
  return (
    <div className={dropping ? 'app dropping' : 'app'} data-place={place}>
      <Rail />
      <main className="place" aria-label={titles[place]}>
        <Banner />
        {desk ? null : (
          <header className="phone-head">
            <StatusChip />
            <ActionButton action={pageActions.more} iconOnly look="quiet" />
          </header>
        )}
        <Boundary key={place}>
          <Suspense fallback={<Loading label="Opening …" />}>
            <View />
          </Suspense>
        </Boundary>
      </main>
      {desk ? <StatusLine /> : null}
      <StatusSheet />
      <Dialogs />
      <Tour />
      <Notices />
    </div>
  );
}
