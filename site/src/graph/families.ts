/** Keras's families of layers, in the order in which people look for them. */
const families: readonly string[] = [
  'core',
  'convolutional',
  'pooling',
  'recurrent',
  'attention',
  'normalization',
  'regularization',
  'reshaping',
  'merging',
  'activations',
  'preprocessing',
];

/** Families of a newer schema come last. */
export const placeOfFamily = (family: string): number =>
  families.includes(family) ? families.indexOf(family) : families.length;

/** The colour token of a family; families of a newer schema share one. */
export function familyColour(family: string | undefined): string {
  return `var(--family-${family !== undefined && families.includes(family) ? family : 'other'})`;
}
