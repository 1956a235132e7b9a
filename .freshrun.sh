set -u
s=$(date +%s); .ci/run > /tmp/ci.log 2>&1; rc=$?; e=$(date +%s)
echo "ci: exit $rc, $((e-s)) s"; grep -E "measured|passed|failed" /tmp/ci.log | tail -30
./turnpike up --detach >/dev/null 2>&1; echo "up: $?"
n() { for p in /proc/[0-9]*/cmdline; do tr '\0' ' ' < $p 2>/dev/null; echo; done | grep -cE 'kamailio -f|mariadbd|kemi.agent|gunicorn|supervisord'; }
echo "processes while up: $(n)"; ./turnpike down; echo "processes left: $(n)"
