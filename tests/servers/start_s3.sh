#!/usr/bin/env bash
# A real S3 server on loopback: Ceph's RADOS gateway with one monitor and one OSD, from the distribution's packages.
#
#   start_s3.sh FOLDER PORT         start what does not run; can be called again at any time
#   start_s3.sh FOLDER PORT stop    end it in order; what was stored is there at the next start
#
# Packages: ceph-mon ceph-osd radosgw ceph-common curl. Ports: PORT (S3), PORT+1 and PORT+2 (monitor); the OSD takes its own
# from 6800 on. Variables: S3_ACCESS_KEY, S3_SECRET_KEY, CEPH_STORE=memstore|bluestore, RGW_LC_DEBUG_INTERVAL=seconds that
# stand for a day in lifecycle rules.
set -euo pipefail
FOLDER=$(realpath -m "$1")
PORT=$2
COMMAND=${3:-start}
ACCESS_KEY=${S3_ACCESS_KEY:-testaccess}
SECRET_KEY=${S3_SECRET_KEY:-testsecretkey}
STORE=${CEPH_STORE:-memstore}
export CEPH_CONF=$FOLDER/ceph.conf CEPH_ARGS=""

# A pid file outlives its process, and the number may be somebody else's by now. Zombies have an empty command line.
alive() { [ -s "$FOLDER/run/$1.pid" ] && grep -aqsF "$CEPH_CONF" "/proc/$(cat "$FOLDER/run/$1.pid")/cmdline"; }

end_one() {
  local pid
  if alive "$1"; then
    pid=$(cat "$FOLDER/run/$1.pid")
    kill "$pid" || true
    for _ in $(seq 200); do
      alive "$1" || break
      sleep .05
    done
    ! alive "$1" || kill -9 "$pid"
  fi
  rm -f "$FOLDER/run/$1.pid"
}

stop_all() {
  local stored=""
  ! alive osd || stored=yes
  for name in rgw osd mon; do end_one $name; done
  [ -z "$stored" ] || touch "$FOLDER/clean"
}

# The memory store is written to disk in an orderly end only: after a crash it has to start empty.
forget_lost_store() {
  grep -qs 'osd_objectstore = memstore' "$CEPH_CONF" || return 0
  if alive osd || [ -f "$FOLDER/clean" ]; then return 0; fi
  stop_all
  rm -rf "${FOLDER:?}"/{mon,osd,rgw,run,log,ceph.conf,user.ok,clean}
}

# Fast ticks make a start take 1 s and not 11. Watchers time out early, because a gateway that was killed would otherwise
# delay every change of a bucket for half a minute.
write_settings() {
  cat >"$CEPH_CONF" <<C
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_initial_members = a
mon_host = $MONITOR
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
ms_mon_client_mode = crc
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $FOLDER/run
admin_socket = $FOLDER/run/\$name.\$pid.asok
crash_dir = $FOLDER/log
log_to_stderr = false
err_to_stderr = true
mon_cluster_log_file = $FOLDER/log/cluster.log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 2
osd_pool_default_pgp_num = 2
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_warn_on_pool_no_redundancy = false
[mon]
mon_data = $FOLDER/mon
log_file = $FOLDER/log/mon.log
pid_file = $FOLDER/run/mon.pid
mon_allow_pool_delete = true
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_tick_interval = 1
mon_data_avail_crit = 1
mon_data_avail_warn = 1
[osd]
osd_data = $FOLDER/osd
log_file = $FOLDER/log/osd.log
pid_file = $FOLDER/run/osd.pid
osd_objectstore = $STORE
memstore_device_bytes = 4294967296
bluestore_block_size = 4294967296
bluestore_block_db_create = false
bluestore_block_wal_create = false
osd_memory_target = 939524096
osd_fast_shutdown = false
osd_mon_report_interval = 1
osd_tick_interval = 0.5
osd_client_watch_timeout = 2
[client.rgw]
rgw_data = $FOLDER/rgw
log_file = $FOLDER/log/rgw.log
pid_file = $FOLDER/run/rgw.pid
rgw_frontends = beast endpoint=127.0.0.1:$PORT tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_enable_usage_log = false
rgw_dynamic_resharding = false
rgw_override_bucket_index_max_shards = 1
rgw_crypt_require_ssl = false
rgw_cache_lru_size = 1000
client_notify_timeout = 1
C
  [ -z "${RGW_LC_DEBUG_INTERVAL:-}" ] || echo "rgw_lc_debug_interval = $RGW_LC_DEBUG_INTERVAL" >>"$CEPH_CONF"
}

start_monitor() {
  if [ ! -d "$FOLDER/mon/store.db" ]; then
    local fsid
    fsid=$(awk '/^fsid/ { print $3 }' "$CEPH_CONF")
    monmaptool --create --fsid "$fsid" --addv a "$MONITOR" --clobber "$FOLDER/monmap" >/dev/null
    ceph-mon -c "$CEPH_CONF" -i a --mkfs --monmap "$FOLDER/monmap"
  fi
  ceph-mon -c "$CEPH_CONF" -i a
}

start_osd() {
  if [ ! -f "$FOLDER/osd/ready" ]; then
    local uuid
    uuid=$(cat /proc/sys/kernel/random/uuid)
    timeout 60 ceph -c "$CEPH_CONF" osd new "$uuid" >/dev/null
    ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$uuid" 2>>"$FOLDER/log/osd.mkfs"
  fi
  ceph-osd -c "$CEPH_CONF" -i 0 2>>"$FOLDER/log/osd.mkfs"
}

start_gateway() {
  if [ ! -f "$FOLDER/user.ok" ]; then
    admin user create --uid=test --display-name=test --access-key="$ACCESS_KEY" --secret-key="$SECRET_KEY" || admin user info --uid=test
    touch "$FOLDER/user.ok"
  fi
  timeout 60 radosgw -c "$CEPH_CONF" -n client.rgw
}
admin() { timeout 120 radosgw-admin -c "$CEPH_CONF" -n client.rgw "$@" >>"$FOLDER/log/user.log" 2>&1; }

if [ "$COMMAND" = stop ]; then
  stop_all
  exit 0
fi
MONITOR="[v2:127.0.0.1:$((PORT + 1)),v1:127.0.0.1:$((PORT + 2))]"
forget_lost_store
rm -f "$FOLDER/clean"
mkdir -p "$FOLDER"/{mon,osd,rgw,run,log}
[ -f "$CEPH_CONF" ] || write_settings
alive mon || start_monitor
alive osd || start_osd
alive rgw || start_gateway
# The gateway writes its pid file late, after it has forked away.
for _ in $(seq 300); do
  if alive rgw && curl -s -o /dev/null "http://127.0.0.1:$PORT/"; then
    echo "S3 is ready: http://127.0.0.1:$PORT"
    exit 0
  fi
  sleep .1
done
echo "S3 is not ready; its logs are in $FOLDER/log" >&2
exit 1
