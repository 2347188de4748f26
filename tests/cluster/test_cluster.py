"""A RabbitMQ cluster of three, whose nodes are killed one after the other while cases flow."""

from pathlib import Path

import pytest

from hub.sandbox.rabbitmq_cluster import private_cluster
from tests.postgresql import postgresql_server
from tests.scale.flowing import flowing

ON_ALL_NODES = """
    [3] = lists:usort([length(maps:get(nodes, amqqueue:get_type_state(Queue))) ||
        Queue <- rabbit_amqqueue:list(), amqqueue:get_type(Queue) =:= rabbit_quorum_queue]).
"""
"""Erlang: as every quorum queue is, unless it was declared while a node was away."""


@pytest.mark.timeout(600)
async def test_nothing_is_lost_while_each_node_of_a_cluster_is_killed_and_comes_back(
    tmp_path: Path,
) -> None:
    with postgresql_server() as server:
        async with (
            private_cluster() as cluster,
            flowing(tmp_path, server.new_database(), hubs=2, cluster=cluster) as flow,
        ):
            await flow.goes_on()
            await cluster.nodes[0].evaluate(ON_ALL_NODES)
            for node in cluster.nodes:
                await node.kill()
                await flow.goes_on()  # two of three are a majority
                await node.start()
                await cluster.until_complete()
                await flow.goes_on()
