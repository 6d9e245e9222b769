import { MSEC } from "../../sim/sim.ts";
import { after } from "./seq.ts";
import type { TcpSock } from "./sock.ts";
import { RTO_INITIAL, RTO_MAX, RTO_MIN } from "./timer.ts";

/** Round trip times and the retransmission timeout (RFC 6298), in nanoseconds. */
export class RttEstimator {
  /** Smoothed round trip time; 0: none was measured yet. */
  srtt = 0;
  mdev = 0;
  mdevMax = RTO_MIN;
  rttvar = 0;
  /** rttvar is lowered once per round trip: when this is acknowledged. */
  rttSeq = 0;
  rto = RTO_INITIAL;
  minRtt = 0;

  /**
   * linux: net/ipv4/tcp_input.c, tcp_rtt_estimator. Linux differs from the RFC: the variance term
   * is never below 200 ms, and it falls only once per round trip.
   */
  sample(sock: TcpSock, measured: number): void {
    const m = Math.max(measured, 1000);
    if (this.minRtt === 0 || m < this.minRtt) this.minRtt = m;
    if (this.srtt === 0) {
      this.srtt = m;
      this.mdev = m / 2;
      this.rttvar = Math.max(4 * this.mdev, RTO_MIN);
      this.mdevMax = this.rttvar;
      this.rttSeq = sock.sndNxt;
    } else {
      let error = m - this.srtt;
      this.srtt += error / 8;
      if (error < 0) {
        error = -error - this.mdev;
        // A shorter time than usual moves the variance less, so that it does not blow up the RTO.
        if (error > 0) error /= 8;
      } else error -= this.mdev;
      this.mdev += error / 4;
      if (4 * this.mdev > this.mdevMax) {
        this.mdevMax = 4 * this.mdev;
        if (this.mdevMax > this.rttvar) this.rttvar = this.mdevMax;
      }
      if (after(sock.sndUna, this.rttSeq)) {
        if (this.mdevMax < this.rttvar) this.rttvar -= (this.rttvar - this.mdevMax) / 4;
        this.rttSeq = sock.sndNxt;
        this.mdevMax = RTO_MIN;
      }
    }
    // The timer wheel counts in jiffies of 4 ms.
    const rto = this.srtt + this.rttvar;
    this.rto = Math.min(RTO_MAX, Math.ceil(rto / (4 * MSEC)) * 4 * MSEC);
  }
}
