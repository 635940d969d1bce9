/** The places whose code comes after the page is drawn. */
export const laterPlaces = {
  data: () => import('../places/data/DataPlace'),
  train: () => import('../places/train/TrainPlace'),
  test: () => import('../places/test/TestPlace'),
  export: () => import('../places/export/ExportPlace'),
};

/** Fetches the code of the place that is most likely next, so that it opens at once. */
export function fetchNextPlace(): void {
  laterPlaces.train().catch(() => undefined); // told when the place is opened
}
