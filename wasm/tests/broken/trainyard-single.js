// Glue of an engine that traps at its second call, for tests of what then reaches the page.
export default function makeModule() {
  return Promise.resolve({
    Engine: class {
      call(command) {
        if (command === 'info') return { json: JSON.stringify({ version: 'broken', protocol: 1, threads: 1 }) };
        throw new WebAssembly.RuntimeError('unreachable');
      }
    },
  });
}
