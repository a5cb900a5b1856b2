#include "softnpu/acl/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "softnpu.h"
#include "softnpu/acl/device.h"
#include "softnpu/acl/env.h"
#include "softnpu/acl/stream.h"

namespace softnpu::fault {
namespace {

enum class Action { kDelay, kError, kKill, kOom, kNoEvent };

struct Rule {
  Action action;
  long value = 0;
  long device = -1, stream = -1, rank = -1, nth = 0;
  std::atomic<long> matches{0};

  bool applies(int on_device, int on_stream) {
    if (device >= 0 && device != on_device) return false;
    if (stream >= 0 && stream != on_stream) return false;
    long match = matches.fetch_add(1) + 1;
    return nth == 0 || match == nth;
  }
};

bool parse_number(const std::string& text, long* number) {
  char* end = nullptr;
  *number = std::strtol(text.c_str(), &end, 10);
  return !text.empty() && *end == '\0' && *number >= 0;
}

bool parse_action(const std::string& key, const std::string& value, Rule& rule) {
  bool number = parse_number(value, &rule.value);
  if (key == "delay") rule.action = Action::kDelay;
  if (key == "error") rule.action = Action::kError;
  if (key == "delay" || key == "error") return number && rule.value > 0;
  if (key == "kill") rule.action = Action::kKill;
  if (key == "oom") rule.action = Action::kOom;
  if (key == "noevent") rule.action = Action::kNoEvent;
  return (key == "kill" || key == "oom" || key == "noevent") && value.empty();
}

// False where the text is not a rule.
bool parse_rule(const std::string& text, Rule& rule) {
  bool first = true;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ','); first = false) {
    size_t equals = part.find('=');
    std::string key = part.substr(0, equals),
                value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (first) {
      if (!parse_action(key, value, rule)) return false;
      continue;
    }
    long number = 0;
    if (!parse_number(value, &number)) return false;
    if (key == "device") {
      rule.device = number;
    } else if (key == "stream") {
      rule.stream = number;
    } else if (key == "nth") {
      rule.nth = number;
    } else if (key == "rank") {
      rule.rank = number;
    } else {
      return false;
    }
  }
  return !first;
}

template <class Visit>
void for_each_rule(const std::string& text, Visit&& visit) {
  std::istringstream list(text);
  for (std::string rule; std::getline(list, rule, ';');) {
    if (!rule.empty()) visit(rule);
  }
}

const std::vector<Rule*>& rules() {
  static const auto* const parsed = [] {
    auto* list = new std::vector<Rule*>;
    for_each_rule(settings().fault, [&](const std::string& text) {
      auto* rule = new Rule{};
      if (parse_rule(text, *rule) && (rule->rank < 0 || rule->rank == settings().rank)) {
        list->push_back(rule);
      } else {
        delete rule;
      }
    });
    return list;
  }();
  return *parsed;
}

}  // namespace

bool valid(const std::string& text) {
  bool all = true;
  for_each_rule(text, [&](const std::string& one) {
    Rule rule{};
    all = parse_rule(one, rule) && all;
  });
  return all;
}

bool enabled() {
  static const bool any = !rules().empty();
  return any;
}

aclError before_task(const Stream& stream) {
  for (Rule* rule : rules()) {
    if (rule->action == Action::kOom || rule->action == Action::kNoEvent ||
        !rule->applies(stream.device().id, stream.id()))
      continue;
    if (rule->action == Action::kDelay) {
      usleep(static_cast<useconds_t>(rule->value * 1000));
    } else if (rule->action == Action::kKill) {
      kill(getpid(), SIGKILL);
    } else {
      softnpu_task_message("injected by SOFTNPU_FAULT.");
      return static_cast<aclError>(rule->value);
    }
  }
  return ACL_SUCCESS;
}

bool refuse_allocation(int device) {
  for (Rule* rule : rules()) {
    if (rule->action == Action::kOom && rule->applies(device, -1)) return true;
  }
  return false;
}

bool refuse_event(const Stream& stream) {
  for (Rule* rule : rules()) {
    if (rule->action == Action::kNoEvent && rule->applies(stream.device().id, stream.id())) return true;
  }
  return false;
}

}  // namespace softnpu::fault
