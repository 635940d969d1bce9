import { buildHarness } from './page';

export default buildHarness;
