// Several hosts: each a whole stack with a node of one Galera cluster for its records, all with one bucket for audio, in
// OpenStack Swift, or with one folder. A stack's supervisor starts again what is killed, as a host's init would; nothing is
// configured about the others.

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { confText, freePort, root, startStack, until } from '../harness.mjs';
import { s3Settings, startSwift } from '../storage/swift.mjs';

const provider = '/usr/lib/galera/libgalera_smm.so';
const env = { PATH: `${join(root, 'tests/faults/galera')}:${process.env.PATH}` };

// A node that is gone is given up after two seconds instead of five, and one that comes back does not wait long for others.
const timeouts = 'evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S;evs.inactive_check_period=PT0.2S;evs.keepalive_period=PT0.5S;' +
	'evs.install_timeout=PT3S;pc.announce_timeout=PT1S';

// One state folder for each host, of the user whom root's stacks run as.
function makeFolder(path) {
	mkdirSync(path);
	chmodSync(path, 0o755);
	if (process.getuid() === 0) chownSync(path, ...nobody());
	return path;
}
const nobody = () => ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'nobody'])));

// Their settings and where their nodes are, but nothing that runs.
async function makeHosts(n, top, { settings, remotes }, swift) {
	const ports = [], lines = { state_dir: 'run', log_file: 'log/earshot.log', database_socket: 'run/db.sock', storage_dir: 'storage',
		access: 'open', ...swift && s3Settings(join(top, 'keys'), swift.url, { s3_silence_s: 5 }, true), ...settings };
	chmodSync(top, 0o755);
	const audio = makeFolder(join(top, 'audio'));
	for (let i = 0; i < 2 * n; i++) ports.push(await freePort());
	return Array.from({ length: n }, (_, i) => {
		const folder = makeFolder(join(top, `host${i + 1}`)), [port, ist] = ports.slice(2 * i);
		if (!swift) symlinkSync(audio, join(folder, 'storage'));
		writeFileSync(join(folder, 'earshot.conf'), confText(lines, remotes));
		writeFileSync(join(folder, 'galera'), `--wsrep-on=ON
--wsrep-provider=${provider}
--wsrep-cluster-name=${basename(top)}
--wsrep-cluster-address=gcomm://${ports.filter((_, k) => k % 2 === 0).map((p) => `127.0.0.1:${p}`).join()}
--wsrep-node-name=host${i + 1}
--wsrep-node-address=127.0.0.1:${port}
--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${port};ist.recv_addr=127.0.0.1:${ist};gcache.size=64M;${timeouts}
--wsrep-sst-method=place
--binlog-format=ROW
--innodb-autoinc-lock-mode=2
`);
		return folder;
	});
}

// settings, remotes: of every host, as of startStack(); storage: where audio is, 'swift' or 'folder'. { hosts, swift, stop() }; a
// host is a stack that also has `name` and, as the cluster, `swift`: undefined with a folder.
export async function startCluster(n, options) {
	for (let attempt = 1; ; attempt++) {
		try {
			return await beginCluster(n, options);
		} catch (error) {
			// Another process may take a port between our look and a node's use of it.
			if (attempt === 3) throw error;
		}
	}
}

async function beginCluster(n, { storage = 'swift', ...options }) {
	const top = mkdtempSync(join(tmpdir(), 'earshot-cluster-')), swift = storage === 'swift' ? await startSwift() : undefined;
	const folders = await makeHosts(n, top, options, swift);
	const hosts = [];
	async function start(folder) {
		const host = await startStack({ folder, env });
		Object.assign(host, { name: folder.slice(top.length + 1), swift });
		hosts.push(host);
		return host;
	}
	async function stop() {
		// One after the other, the founder last, as one would.
		for (const host of hosts.splice(0).reverse()) await host.stop();
		await swift?.stop();
		rmSync(top, { recursive: true, force: true });
	}
	try {
		// The tables are made once; the other nodes begin with a copy.
		writeFileSync(join(folders[0], 'first'), '');
		await (await start(folders[0])).stop();
		hosts.pop();
		for (const folder of folders.slice(1)) {
			execFileSync('cp', ['-a', join(folders[0], 'db'), join(folder, 'db')]);
			for (const own of ['galera.cache', 'gvwstate.dat']) rmSync(join(folder, 'db', own), { force: true });
		}
		for (const folder of folders) await start(folder);
		rmSync(join(folders[0], 'first'));
		await until(async () => (await Promise.all(hosts.map((host) => isSynced(host, n)))).every(Boolean), 'all nodes together', 30_000);
		return { hosts, swift, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

export const hasGalera = () => existsSync(provider);

// The node of a host takes part in a cluster of n nodes and has all that they have.
export async function isSynced(host, n) {
	const rows = await host.sql("SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_local_state_comment', 'wsrep_ready')").catch(() => []);
	const said = Object.fromEntries(rows);
	return said.wsrep_ready === 'ON' && said.wsrep_local_state_comment === 'Synced' && Number(said.wsrep_cluster_size) === n;
}
