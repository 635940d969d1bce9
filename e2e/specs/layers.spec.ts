/** Every layer of the schema is in the palette, begins with values that work, and can be wired and edited. */
import { expect, oneVisit, test } from '../support/test';

const visit = oneVisit();

test.beforeAll(async () => {
  await visit.site.goTo('Data');
  await visit.site.data.choose('Drawn digits');
});

test.beforeEach(async () => {
  const { site } = visit;
  await site.goTo('Build');
  await site.build.takeTemplate('LeNet-5');
  await site.ready();
});

test('the palette shows all layers by family, and finds them by name, family and what they do', async () => {
  const { site } = visit;
  const { page } = site;
  const entries = page.getByRole('button', { name: /^Add \w+\d?D?$/ }).and(page.locator('.palette-entry'));
  await expect(entries).toHaveCount(137);
  await expect(page.getByRole('region', { name: 'Attention', exact: true }).getByRole('button')).toHaveCount(4);
  const search = page.getByRole('searchbox', { name: 'Search layers' });
  await search.fill('bidir');
  await expect(entries).toHaveCount(1);
  await search.fill('recurrent');
  await expect(page.getByRole('button', { name: 'Add LSTM', exact: true })).toBeVisible();
  await search.fill('covers a rectangle');
  await expect(page.getByRole('button', { name: 'Add RandomErasing' })).toBeVisible();
  await search.fill('xyzzy');
  await expect(page.getByText('No layer is called “xyzzy”')).toBeVisible();
  await page.getByRole('button', { name: 'Show all layers' }).click();
  await expect(entries).toHaveCount(137);
});

test('the palette is walked and used with the keyboard', async () => {
  const { site } = visit;
  const { page } = site;
  const before = await site.build.layers.count();
  await page.keyboard.press('/');
  await page.keyboard.type('dropout');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Add Dropout' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('searchbox', { name: 'Search layers' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(site.build.layers).toHaveCount(before + 1);
  await page.getByRole('searchbox', { name: 'Search layers' }).fill('');
});

test('with nothing selected a layer is put before the answer, and the network stays valid', async () => {
  const { site } = visit;
  await site.build.deselect();
  for (const className of [
    'Dropout',
    'BatchNormalization',
    'Add',
    'EinsumDense',
    'Dot',
    'Reshape',
    'UnitNormalization',
  ]) {
    await site.build.add(className);
    await expect(site.build.mistakes).toHaveCount(0);
    await expect(site.trainButton).toBeEnabled();
    await site.page.keyboard.press('Control+z');
    await site.build.deselect();
  }
  // What needs pictures goes where there still are some; what prepares them, after the input.
  await site.build.add('Conv2D');
  await expect(site.build.connection('pool_2', 'conv2d')).toBeAttached();
  await site.build.deselect();
  await site.build.add('RandomRotation');
  await expect(site.build.connection('input', 'random_rotation')).toBeAttached();
  await expect(site.build.mistakes).toHaveCount(0);
});

test('layers over pictures and sequences begin with values that suit what comes in', async () => {
  const { site } = visit;
  for (const className of [
    'Conv2D',
    'SeparableConv2D',
    'Resizing',
    'Pipeline',
    'AdaptiveMaxPooling2D',
    'GroupNormalization',
  ]) {
    await site.build.layer('pool_1').click();
    await site.build.add(className);
    await expect(site.build.mistakes).toHaveCount(0);
    await site.page.keyboard.press('Control+z');
  }
  await site.build.takeTemplate('LSTM over rows');
  await site.ready();
  for (const className of [
    'MultiHeadAttention',
    'Attention',
    'GroupQueryAttention',
    'Bidirectional',
    'TimeDistributed',
    'RNN',
  ]) {
    await site.build.layer('rows').click();
    await site.build.add(className);
    await expect(site.build.mistakes).toHaveCount(0);
    await site.page.keyboard.press('Control+z');
  }
});

test('a cell inside a layer is chosen and edited, and the network follows', async () => {
  const { site } = visit;
  const { page } = site;
  await site.build.takeTemplate('LSTM over rows');
  await site.ready();
  await site.build.layer('rows').click();
  await site.build.add('RNN');
  await site.build.set('Units', '24');
  await expect(site.build.output).toHaveText('28 × 24');
  await site.build.choose('Cell', 'StackedRNNCells');
  await page.getByRole('button', { name: 'Remove 2 of cells' }).click();
  await expect(site.build.output).toHaveText('28 × 32');
  await page.getByRole('combobox', { name: 'Add to cells' }).selectOption('GRUCell');
  await expect(page.getByRole('list', { name: 'Cells' }).getByRole('combobox').first()).toHaveValue('LSTMCell');
  await expect(site.build.mistakes).toHaveCount(0);
});

test('the states of one layer begin another', async () => {
  const { site } = visit;
  const { page } = site;
  await site.build.takeTemplate('LSTM over rows');
  await site.ready();
  await site.build.layer('rows').click();
  await site.build.add('LSTM');
  await site.build.set('Units', '128');
  await page.locator('summary', { hasText: 'Advanced' }).click();
  await page.getByRole('switch', { name: 'Return state' }).click();
  await expect(site.build.layer('lstm_1')).toContainText('+2');
  const port = (name: string) => page.getByLabel(name, { exact: true });
  await port('Output 2 of lstm_1').dragTo(port('Input initial state of lstm'), { force: true });
  await port('Output 3 of lstm_1').dragTo(port('Input initial cell state of lstm'), { force: true });
  await expect(site.build.mistakes).toHaveCount(0);
  await site.build.layer('lstm').click();
  const inputs = page.getByRole('region', { name: 'Inputs' });
  await expect(inputs.getByRole('listitem')).toHaveText([/Sequence/, /Initial state/, /Initial cell state/]);
  await expect(page.getByRole('combobox', { name: 'Output taken as initial cell state' })).toHaveValue('2');
  await expect(site.trainButton).toBeEnabled();
});

test('an attention layer is wired port by port', async () => {
  const { site } = visit;
  const { page } = site;
  await site.build.takeTemplate('Attention: transformer');
  await site.ready();
  await site.build.layer('attention_1').click();
  const inputs = page.getByRole('region', { name: 'Inputs' });
  await expect(inputs.getByRole('listitem')).toHaveText([/Query/, /Value/]);
  await page
    .getByLabel('Output of rows', { exact: true })
    .dragTo(page.getByLabel('Input value of attention_1', { exact: true }), { force: true });
  await expect(inputs.getByRole('listitem').nth(1)).toContainText('rows');
  await inputs.getByRole('button', { name: 'Move rows up' }).click();
  await expect(inputs.getByRole('listitem').first()).toContainText('rows');
});

test('labels come with pictures through a dictionary, entry by entry', async () => {
  const { site } = visit;
  const { page } = site;
  const { build } = site;
  await build.layer('input').click();
  await build.add('MixUp');
  await build.add('InputLayer');
  await build.set('Shape', '10');
  await page
    .getByLabel('Output of input_layer', { exact: true })
    .dragTo(page.getByLabel('Input labels of mix_up', { exact: true }), { force: true });
  await expect(build.connection('input_layer', 'mix_up as labels')).toBeAttached();
  await expect(build.layer('mix_up')).toContainText('28 × 28 × 1 +1');
  // A further layer over pictures takes the whole dictionary; what follows still gets the pictures.
  await build.layer('mix_up').click();
  await build.add('RandomFlip');
  await expect(build.connection('mix_up', 'random_flip as labels')).toBeAttached();
  await expect(build.connection('random_flip', 'conv_1')).toBeAttached();
  await expect(page.getByLabel('Output labels of random_flip', { exact: true })).toBeVisible();
  // The same by the inspector; what is missing is told there and at the layer.
  await build.choose('Images', 'not connected');
  await expect(build.layer('random_flip')).toContainText('the pictures are missing');
  await build.choose('Images', 'mix_up, images');
  await expect(build.layer('random_flip')).toContainText('28 × 28 × 1 +1');
  await page.getByRole('switch', { name: 'Labels as an output of the network' }).click();
  await expect(build.mistakes).toHaveText('1 mistake'); // the data has no second input
});

const layer = (class_name: string, name: string, config: object, args: unknown[]) => ({
  module: class_name === 'GetItem' ? 'keras.src.ops.numpy' : 'keras.layers',
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: args.length === 0 ? [] : [{ args, kwargs: {} }],
});
const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: null, dtype: 'float32', keras_history: [name, 0, 0] },
});
const all = { class_name: '__slice__', config: { start: null, stop: null, step: null } };
const sliced = {
  class_name: 'Functional',
  config: {
    name: 'sliced',
    layers: [
      layer('InputLayer', 'picture', { batch_shape: [null, 28, 28, 1] }, []),
      layer('GetItem', 'rows', {}, [tensor('picture'), [all, 4]]),
      layer('Flatten', 'pixels', {}, [tensor('rows')]),
      layer('Dense', 'answer', { units: 10, activation: 'softmax' }, [tensor('pixels')]),
    ],
    input_layers: [['picture', 0, 0]],
    output_layers: [['answer', 0, 0]],
  },
};

test('an operation among layers shows its arguments, and they can be changed', async () => {
  const { site } = visit;
  const { build, page } = { build: site.build, page: site.page };
  await site.goTo('Export');
  await site.export.open('sliced.json', Buffer.from(JSON.stringify(sliced)));
  await expect(build.layer('rows')).toContainText('[:, 4]');
  await build.layer('rows').click();
  await build.set('Positions', ':, 4:24');
  await expect(build.layer('pixels')).toContainText('560');
  await build.field('Positions').fill(':, 4:x');
  await expect(page.getByText('Write numbers and ranges')).toBeVisible();
  await build.field('Positions').fill('x[:, ..., 0]');
  await expect(build.layer('pixels')).toContainText('784');
  await expect(build.mistakes).toHaveCount(0);
});
