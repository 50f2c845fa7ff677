// The groups of commands, one file each.
#pragma once

#include "daemon/ctl/command.hpp"

namespace supportd::ctl {

std::vector<Command> daemon_commands();  // status, reload, clock, version
std::vector<Command> job_commands();     // jobs, runs, why, run, cancel, pause, resume, probe
std::vector<Command> outbox_commands();
std::vector<Command> case_commands();
std::vector<Command> ticket_commands();  // tickets, aside
std::vector<Command> sync_commands();
std::vector<Command> audit_commands();
std::vector<Command> ledger_commands();
std::vector<Command> calendar_commands();
std::vector<Command> sla_commands();         // policies, replay
std::vector<Command> sla_asking_commands();  // due, explain
std::vector<Command> sla_simulate_commands();
std::vector<Command> offline_commands();  // cron, config

}  // namespace supportd::ctl
