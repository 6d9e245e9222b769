ss -tuln
ss -H -tan
