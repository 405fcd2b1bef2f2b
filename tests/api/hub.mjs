// A small Hugging Face Hub: it tells which files a model has, and sends them, as the real one does, from another
// address; it can be told to misbehave.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

export const commit = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

export class Hub {
	// repositories: { 'owner/name': { 'config.json': bytes, … } }
	constructor(repositories) {
		this.repositories = repositories;
		this.log = [];			// "GET /path", with the range if there was one
		this.cut = 0;			// the next so many answers with weights break off in the middle
		this.broken = false;		// weights have a byte wrong
		this.ranges = true;
		this.down = 0;			// the next so many answers are 503
	}

	async start() {
		this.server = createServer((request, answer) => this.#answer(request, answer));
		await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	stop() {
		this.server.closeAllConnections();
		this.server.close();
	}

	// What was asked for since the last call.
	asked() {
		return this.log.splice(0);
	}

	#answer({ url, headers }, answer) {
		const [path] = url.split('?'), [, owner, name, verb, revision, file] = path.replace(/^\/api\/models/, '').split('/');
		const files = this.repositories[`${owner}/${name}`];

		this.log.push(headers.range ? `${path} ${headers.range}` : path);
		if (this.down > 0) {
			this.down--;
			answer.writeHead(503).end();
		} else if (url.startsWith('/api/') && files && url.endsWith(`/revision/main?blobs=true`)) {
			answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id: `${owner}/${name}`,
				sha: commit, siblings: Object.entries(files).map(([rfilename, bytes]) => this.#sibling(rfilename, bytes)) }));
		} else if (verb === 'resolve' && revision === commit && files?.[file]) {
			answer.writeHead(302, { Location: `/${owner}/${name}/cdn/x/${file}` }).end();
		} else if (verb === 'cdn' && files?.[file]) {
			this.#send(files[file], file, headers.range, answer);
		} else if (!files) {
			/* It tells nobody which there are that are not for everyone. */
			answer.writeHead(401).end();
		} else {
			answer.writeHead(404).end();
		}
	}

	// The hash of large files alone is told.
	#sibling(rfilename, bytes) {
		const lfs = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 };
		return { rfilename, size: bytes.length, blobId: '0'.repeat(40), ...(rfilename.endsWith('.safetensors') && { lfs }) };
	}

	#send(bytes, file, range, answer) {
		const from = this.ranges && range ? Number(range.match(/^bytes=(\d+)-$/)[1]) : 0;
		const weights = file.endsWith('.safetensors');
		let part = bytes.subarray(from);

		if (weights && this.broken) {
			part = Buffer.from(part);
			part[part.length - 1] ^= 1;
		}
		answer.writeHead(from ? 206 : 200, { 'Content-Length': part.length,
			...(from && { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }) });
		if (weights && this.cut > 0) {
			this.cut--;
			answer.write(part.subarray(0, part.length >> 1), () => answer.destroy());
		} else {
			answer.end(part);
		}
	}
}

// The files of a folder.
export const filesOf = (folder, names) => Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
