// Serves a finished site on this machine only, with the headers that let a page share memory between threads.
//
//   node scripts/serve.mjs FOLDER [--port 8080] [--base /] [--no-isolation]
//
// `--base /some/path/` serves under a sub-path, `--no-isolation` leaves the COOP and COEP headers out, as most
// static hosts do: the tests use both.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sirv from 'sirv';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '8080' },
        base: { type: 'string', default: '/' },
        'no-isolation': { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (positionals.length !== 1) fail('usage: serve.mjs FOLDER [--port N] [--base /path/] [--no-isolation]');
    if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`--port ${values.port}: not a port number`);
    if (!existsSync(`${positionals[0]}/index.html`)) fail(`${positionals[0]} has no index.html: build the site first`);
    const base = `/${values.base.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/');
    return { folder: positionals[0], port, base, headers: values['no-isolation'] ? {} : ISOLATION };
  } catch (error) {
    return fail(error.message);
  }
}

const { folder, port, base, headers } = readOptions();
// `dev` reads the folder anew for each request, so that a rebuilt site needs no restart.
const files = sirv(folder, { dev: true, etag: true });

function answer(request, response) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-cache');
  const notFound = () => {
    response.statusCode = 404;
    response.end('Not found\n');
  };
  if (!request.url.startsWith(base)) {
    if (`${request.url}/` !== base) return notFound();
    response.writeHead(302, { Location: base });
    return response.end();
  }
  request.url = request.url.slice(base.length - 1);
  return files(request, response, notFound);
}

// `localhost` is 127.0.0.1 for some programs and ::1 for others; a machine may lack the second.
const server = createServer(answer);
server.on('error', (error) =>
  fail(error.code === 'EADDRINUSE' ? `port ${port} is taken: choose another with --port` : error.message),
);
server.listen(port, '127.0.0.1', () => {
  const bound = server.address().port;
  const second = createServer(answer);
  second.on('error', () => undefined);
  second.listen(bound, '::1');
  console.log(`Serving ${folder} on http://localhost:${bound}${base}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
