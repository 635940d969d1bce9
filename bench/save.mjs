// Reads a result as JSON and writes it to bench/results with date, commit and machine.
import { readFileSync } from 'node:fs';
import { circumstances, root, writeResult } from './results.mjs';

const result = JSON.parse(readFileSync(0, 'utf8'));
console.log(`Wrote ${writeResult({ ...result, ...circumstances() }).slice(root.length)}`);
