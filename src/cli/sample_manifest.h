#pragma once
// A manifest that reads one topic into one table, and the depot of its broker. Included by tests only.
#include <fmt/format.h>

#include <string>

namespace flare::cli {

struct SampleManifest {
  std::string topic = "orders";
  std::string streaming = "triggerMode: Once";  ///< inside of a flow mapping, as `options`
  std::string options = "";
  bool explain = false;

  std::string ToText() const {
    return fmt::format(R"(version: v1
name: demo
type: workflow
workflow:
  dag:
    - name: load
      spec:
        stack: flare:6.0
        compute: runnable-default
        stackSpec:
          job:
            explain: {}
            streaming: {{{}}}
            inputs:
              - name: input
                dataset: dataos://queue:default/{}
                format: kafkajson
                isStream: true
                options: {{{}}}
            outputs:
              - name: input
                dataset: dataos://lakehouse:stream/out?acl=rw
                format: Iceberg
---
name: queue
version: v1
type: depot
depot:
  type: KAFKA
  spec:
    brokers: ["127.0.0.1:1"]
)",
                       explain, streaming, topic, options);
  }
};

}  // namespace flare::cli
