/**
 * Zones of conntrack (linux: include/net/netfilter/nf_conntrack_zones.h): an id that is part of the
 * tuple, in the original direction, in the reply's, or in both. Packed into one number: 16 bits of id,
 * two of directions, and what only a template has.
 */
export const ZONE_ORIGINAL = 1 << 16;
export const ZONE_REPLY = 2 << 16;
export const ZONE_BOTH = ZONE_ORIGINAL | ZONE_REPLY;
/** The id is the packet's mark at the time of the lookup (NF_CT_FLAG_MARK). */
export const ZONE_MARK = 1 << 18;

/** linux: nf_ct_zone_id */
export function zoneId(zone: number, dir: 0 | 1): number {
  return zone & (ZONE_ORIGINAL << dir) ? zone & 0xffff : 0;
}

/** The zone of a packet with this template (linux: nf_ct_zone_tmpl). */
export function zoneOf(template: number, mark: number): number {
  const zone = template & (ZONE_BOTH | 0xffff);
  return template & ZONE_MARK ? (zone & ZONE_BOTH) | (mark & 0xffff) : zone;
}
