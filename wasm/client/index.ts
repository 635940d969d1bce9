export { createEngine } from './client';
export { chooseBuild, defaultThreads, detectFeatures } from './features';
export * from './types';
