"""A real OpenStack Swift with its S3 API in one process: python3 swift_server.py FOLDER [PORT].

Proxy, account, container and object server, each on a free port of 127.0.0.1 (the proxy's is PORT where one is
given), with one copy of everything in FOLDER. Needs neither root nor memcached nor /etc/swift: what the proxy
would keep in memcached it keeps in a dictionary. Says the proxy's port in a line, and ends when its standard
input does, with FOLDER. The account is test:tester with the key testing; its buckets outlive a restart on the same FOLDER.
"""
import os
import shutil
import sys
import time

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402

folder = os.path.realpath(sys.argv[1])
conf = os.path.join(folder, 'conf')
names = ['account', 'container', 'object', 'proxy']


def write(name, text):
    with open(os.path.join(conf, name), 'w') as f:
        f.write(text)


class Cache:
    """What Swift asks of a memcached ring."""

    def __init__(self):
        self.items = {}

    def get(self, key, raise_on_error=False):
        value, until = self.items.get(key, (None, 0))
        return value if not until or until > time.time() else None

    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        self.items[key] = (value, __import__('time').time() + time if time else 0)

    def incr(self, key, delta=1, time=0):
        value = max(0, int(self.get(key) or 0) + delta)
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -delta, time)

    def delete(self, key, server_key=None):
        self.items.pop(key, None)

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key):
        return [self.get(key) for key in keys]


os.makedirs(conf, exist_ok=True)
os.makedirs(os.path.join(folder, 'devices', 'sdb1'), exist_ok=True)
write('swift.conf', '[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n'
      '[storage-policy:0]\nname = gold\ndefault = yes\n')
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
sockets = {name: eventlet.listen(('127.0.0.1', port if name == 'proxy' else 0)) for name in names}
ports = {name: sockets[name].getsockname()[1] for name in names}
write('proxy.conf', f'''[DEFAULT]
swift_dir = {conf}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 30
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = true
storage_domain = localhost
cors_preflight_allow_origin = *
''' + ''.join(f'[filter:{name}]\nuse = egg:swift#{name}\n' for name in [
    'catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 'copy', 'slo', 'dlo', 'symlink']) + '''
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
''')
for name in names[:3]:
    write(f'{name}.conf', f'''[DEFAULT]
swift_dir = {conf}
devices = {folder}/devices
mount_check = false
log_level = ERROR
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
''')
utils.set_swift_dir(conf)

from swift.common import storage_policy  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

utils.validate_hash_conf()
storage_policy.reload_storage_policies()
for name in names[:3]:
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': ports[name], 'device': 'sdb1',
                     'meta': ''})
    builder.rebalance()
    builder.get_ring().save(os.path.join(conf, f'{name}.ring.gz'))

cache = Cache()


def with_cache(app):
    def call(env, start_response):
        env['swift.cache'] = cache
        return app(env, start_response)
    return call


logger = utils.get_logger({}, 'swift')
null = open(os.devnull, 'w')
for name in names:
    app = loadapp(os.path.join(conf, f'{name}.conf'), global_conf={'log_name': name})
    from swift.common.http_protocol import SwiftHttpProtocol
    eventlet.spawn(wsgi.server, sockets[name], with_cache(app) if name == 'proxy' else app, log=null, protocol=SwiftHttpProtocol)
print(ports['proxy'], flush=True)
while True:
    eventlet.hubs.trampoline(sys.stdin.fileno(), read=True)
    if not os.read(sys.stdin.fileno(), 1):
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
