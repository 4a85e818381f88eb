/**
 * The shapes of the fixed contract, as far as the page reads them.
 *
 * @typedef {"listen"|"whisper"|"barge"} Mode
 * @typedef {{id: string, name: string}} Named
 *
 * @typedef {object} Participant
 * @property {string} id
 * @property {string} call_sid
 * @property {"agent"|"customer"|"supervisor"|"other"|null} role
 * @property {Named|null} agent
 * @property {string|null} name
 * @property {string|null} address
 * @property {"queued"|"connecting"|"ringing"|"connected"|"complete"|"failed"} status
 * @property {string|null} answered_by
 * @property {boolean|null} muted
 * @property {boolean|null} hold
 * @property {string|null} hold_since
 * @property {string|null} joined_at
 * @property {string|null} left_at
 * @property {"callback"|"answer"|"read"} source
 * @property {string} as_of
 * @property {Record<string, string>} blocked
 *
 * @typedef {object} Supervision
 * @property {string} id
 * @property {Named} user
 * @property {string|null} participant
 * @property {string|null} target
 * @property {Mode|"leave"} wanted
 * @property {Mode|null} confirmed
 * @property {"dialling"|"confirmed"|"switching"|"checking"|"failed"} state
 *
 * @typedef {object} Conference
 * @property {string} id
 * @property {string} account
 * @property {string} provider
 * @property {string} sid
 * @property {string|null} friendly_name
 * @property {string} status
 * @property {string} state
 * @property {string} state_since
 * @property {Named|null} team
 * @property {string|null} started_at
 * @property {string|null} ended_at
 * @property {string|null} recording
 * @property {number} version
 * @property {string|null} verified_at
 * @property {boolean} stale
 * @property {string|null} stale_reason
 * @property {Record<string, string>} blocked
 * @property {Supervision[]} supervisions
 * @property {Participant[]} participants
 *
 * @typedef {object} StripButton
 * @property {string} verb
 * @property {string} label
 * @property {boolean} enabled
 * @property {string|null} reason
 *
 * @typedef {object} StripState
 * @property {string} code
 * @property {"nobody"|"agent"|"everyone"|"unknown"} worst
 * @property {"plain"|"grey"|"amber"|"red"} ground
 * @property {boolean} striped
 * @property {"nobody"|"agent"|"everyone"} if_lost
 * @property {Mode|"leave"|null} wanted
 * @property {string|null} conference
 * @property {string|null} participant
 * @property {string|null} since
 * @property {string|null} confirmed_at
 * @property {string} headline
 * @property {string|null} subline
 * @property {{name: string, hears: boolean|null}[]} chips
 * @property {StripButton[]} buttons
 *
 * @typedef {object} AccountState
 * @property {"ok"|"slow"|"unreachable"|"unknown"} state
 * @property {string|null} since
 * @property {number|null} lag_s
 * @property {string|null} text its first sentence is the mark in the header
 *
 * @typedef {object} Timing
 * @property {number} heartbeat_s
 * @property {number} not_live_s
 * @property {number} hold_key_s
 */
export {};
